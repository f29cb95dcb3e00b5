# Correlation of the scores with accuracy against the warm-up level, with 95 % intervals; the
# paper's values as hollow points. Reads table2.csv of a run.
#
#   gnuplot -e "input='RUN/table2.csv'; output='warmup.svg'" plots/correlation_vs_warmup.gp
#
# Optional: task='nb201-cf10', truth='val', statistic='spearman', mode='supernet', seeds=2 (rows that
# are means over so many; the fewest of the file without it).

if (!exists("input") || !exists("output")) {
    printerr "correlation_vs_warmup.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("task")) task = 'nb201-cf10'
if (!exists("truth")) truth = 'val'
if (!exists("statistic")) statistic = 'spearman'
if (!exists("mode")) mode = 'supernet'

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 720,480 font 'sans,13' background 'white'
} else {
    set terminal pngcairo size 1440,960 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

if (!exists("seeds")) {
    stats input using (column('seeds')) name 'SEEDS' nooutput
    seeds = SEEDS_min
}

# A cold row that names no mode belongs to either.
chosen(proxy) = strcol('task') eq task && strcol('truth') eq truth && column('seeds') == seeds \
    && strcol('statistic') eq statistic && strcol('proxy') eq proxy \
    && (strcol('warmup_mode') eq mode || (column('warmup_percent') == 0 \
        && strcol('warmup_mode') ne 'supernet' && strcol('warmup_mode') ne 'candidate'))
# Levels crowd near zero: square-root scale.
level(proxy) = chosen(proxy) ? sqrt(column('warmup_percent')) : NaN
field(proxy, name) = chosen(proxy) && strlen(strcol(name)) ? column(name) : NaN

set title sprintf('%s against %s accuracy, %s, %s warm-up', statistic, truth, task, mode) noenhanced
set xlabel 'warm-up, % of the training images (square-root scale)'
set ylabel 'rank correlation'
set xrange [-0.4:10.4]
set xtics ('0' 0, '1' 1, '10' sqrt(10), '20' sqrt(20), '40' sqrt(40), '60' sqrt(60), '100' 10)
set grid ytics lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
set key outside right center vertical Left reverse noenhanced

zico = '#4477aa'
naslib = '#cc3311'
eq6 = '#228833'
shift = 0.1 # to either side, so that intervals of the same level do not cover each other

plot input using (level('zico') - shift):(field('zico', 'value')) \
         smooth unique with lines lc rgb zico notitle, \
     input using (level('zico') - shift):(field('zico', 'value')):(field('zico', 'ci_low')):(field('zico', 'ci_high')) \
         with yerrorbars pt 7 lc rgb zico title 'zico', \
     input using (level('sigeo-naslib')):(field('sigeo-naslib', 'value')) \
         smooth unique with lines lc rgb naslib notitle, \
     input using (level('sigeo-naslib')):(field('sigeo-naslib', 'value')):(field('sigeo-naslib', 'ci_low')):(field('sigeo-naslib', 'ci_high')) \
         with yerrorbars pt 5 lc rgb naslib title 'sigeo-naslib', \
     input using (level('sigeo-eq6') + shift):(field('sigeo-eq6', 'value')) \
         smooth unique with lines lc rgb eq6 notitle, \
     input using (level('sigeo-eq6') + shift):(field('sigeo-eq6', 'value')):(field('sigeo-eq6', 'ci_low')):(field('sigeo-eq6', 'ci_high')) \
         with yerrorbars pt 9 lc rgb eq6 title 'sigeo-eq6', \
     input using (level('zico') - shift):(field('zico', 'paper_value')) \
         with points pt 6 ps 1.4 lc rgb zico title 'ZiCo, paper', \
     input using (level('sigeo-naslib')):(field('sigeo-naslib', 'paper_value')) \
         with points pt 4 ps 1.4 lc rgb naslib title 'SiGeo, paper'
