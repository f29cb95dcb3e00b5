# Correlation of SiGeo with accuracy over a grid of its weights lambda2 (Fisher-Rao, across) and
# lambda3 (loss, up) at lambda1 = 1: one map for each warm-up level, and the paper's weights as
# hollow squares. Reads table4.csv of a run.
#
#   gnuplot -e "input='RUN/table4.csv'; output='heatmap.svg'" plots/table4_heatmap.gp
#
# Optional: task='nb201-cf10', proxy='sigeo-naslib' (or 'sigeo-eq6'), truth='val', mode='supernet',
# levels='10 20 40', seeds=2 (rows that are means over so many; the fewest of the file without it).

if (!exists("input") || !exists("output")) {
    printerr "table4_heatmap.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("task")) task = 'nb201-cf10'
if (!exists("proxy")) proxy = 'sigeo-naslib'
if (!exists("truth")) truth = 'val'
if (!exists("mode")) mode = 'supernet'
if (!exists("levels")) levels = '10 20 40'

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

if (!exists("seeds")) {
    stats input using (column('seeds')) name 'SEEDS' nooutput
    seeds = SEEDS_min
}

chosen(level) = strcol('task') eq task && strcol('proxy') eq proxy && strcol('truth') eq truth \
    && strcol('statistic') eq 'spearman_grid' && column('seeds') == seeds \
    && column('warmup_percent') == level && (level == 0 || strcol('warmup_mode') eq mode)
# The grid is 0 and powers of ten by halves: 0 stands a step before the first of them.
place(weight) = weight > 0 ? floor(2 * log10(weight) + 0.5) : -3
cell(level, name) = chosen(level) ? place(column(name)) : NaN

n = words(levels)
do for [l = 1:n] {
    set xrange [*:*]
    stats input using (cell(word(levels, l) + 0, 'lambda2')) name 'CELLS' nooutput
    if (!exists("CELLS_records") || CELLS_records == 0) {
        printerr sprintf("table4_heatmap.gp: %s has no grid of %s on %s at %s %%", input, proxy, task, word(levels, l))
        exit status 2
    }
}

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 140 + 320 * n,420 font 'sans,12' background 'white'
} else {
    set terminal pngcairo size 280 + 640 * n,840 fontscale 1.5 linewidth 2 pointscale 2
}
set output output

set palette defined (0 '#ffffe5', 1 '#fec44f', 2 '#cc4c02', 3 '#401f02')
set cblabel 'Spearman'
set xrange [-3.5:6.5]
set yrange [-3.5:6.5]
set xtics ('0' -3, '0.1' -2, '1' 0, '10' 2, '100' 4, '1000' 6)
set ytics ('0' -3, '0.1' -2, '1' 0, '10' 2, '100' 4, '1000' 6)
set xlabel 'lambda2'
set tics nomirror out
set border 3
unset key
heading = sprintf("%s, lambda1 = 1, against %s accuracy\n%s, %s warm-up", proxy, truth, task, mode)

# The paper's weights, of which lambda2 = 50 lies between two cells.
$paper << EOD
lambda2,lambda3
1,1
50,1
100,1
EOD

# All maps share one scale.
set cbrange [*:*]
inside(l) = chosen(word(levels, l) + 0) ? column('value') : NaN
low = 1
high = -1
do for [l = 1:n] {
    stats input using (inside(l)) name 'VALUE' nooutput
    low = VALUE_min < low ? VALUE_min : low
    high = VALUE_max > high ? VALUE_max : high
}
set cbrange [low:high]

left(l) = (0.8 + 3 * (l - 1)) / (3 * n + 1.6)
right(l) = left(l) + 2.8 / (3 * n + 1.6)
set multiplot title heading noenhanced
set tmargin at screen 0.82
set bmargin at screen 0.17
do for [l = 1:n] {
    level = word(levels, l) + 0
    above = word(levels, l).' %'
    beside = l == 1 ? 'lambda3' : ''
    set lmargin at screen left(l)
    set rmargin at screen right(l)
    set title above
    set ylabel beside
    if (l > 1) {
        set ytics ('' -3, '' -2, '' 0, '' 2, '' 4, '' 6)
    }
    if (l == n) {
        set colorbox user origin right(l) + 0.02, 0.17 size 0.015, 0.65
    } else {
        unset colorbox
    }
    plot input using (cell(level, 'lambda2')):(cell(level, 'lambda3')):(column('value')) with image pixels, \
         $paper using (2 * log10(column('lambda2'))):(2 * log10(column('lambda3'))) with points pt 4 ps 1.5 lw 1.5 lc rgb '#00bbee'
}
unset multiplot
