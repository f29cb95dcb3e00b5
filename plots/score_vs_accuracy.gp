# Score against accuracy, one point an architecture. Reads a tidy CSV with at least the columns
# task, proxy, warmup_percent, score, accuracy; plots/README.md shows how to make it.
#
#   gnuplot -e "input='points.csv'; output='scatter.svg'; proxy='zico'" plots/score_vs_accuracy.gp
#
# Optional: proxy='sigeo-naslib', task='nb201-cf10', warmup=0.

if (!exists("input") || !exists("output")) {
    printerr "score_vs_accuracy.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("proxy")) proxy = 'sigeo-naslib'
if (!exists("task")) task = 'nb201-cf10'
if (!exists("warmup")) warmup = 0

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 640,520 font 'sans,13' background 'white'
} else {
    set terminal pngcairo size 1280,1040 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

# Scores that are not finite have no place on an axis; they are counted in the table, not drawn.
chosen(name) = strcol('task') eq task && strcol('proxy') eq proxy && column('warmup_percent') == warmup \
    && abs(column('score')) < 1e7 ? column(name) : NaN

set title sprintf('%s, %s, warm-up %g %%', proxy, task, warmup) noenhanced
set xlabel sprintf('score of %s', proxy) noenhanced
set ylabel 'accuracy, %'
set grid lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
unset key

plot input using (chosen('score')):(chosen('accuracy')) with points pt 7 ps 0.5 lc rgb '#504477aa'
