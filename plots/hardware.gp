# Speed of several processors against the first: every quantity a point, the bar their geometric
# mean. Reads hardware.csv of bench_sigeo --compare-hardware DIR DIR... --out OUT.
#
#   gnuplot -e "input='OUT/hardware.csv'; output='hardware.svg'" plots/hardware.gp
#
# Optional: source='kernels' (or 'roofs', 'scores', 'searches').

if (!exists("input") || !exists("output")) {
    printerr "hardware.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("source")) source = 'kernels'

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

chosen(dummy) = strcol('source') eq source && strlen(strcol('speed')) > 0
array label[16]
columns = 0
note(at, name) = (label[at + 1] = name, columns = at + 1 > columns ? at + 1 : columns, at)
set xrange [-1:16] # tables have no need of axes
set yrange [-1000:1e9]
set table $means
plot input using (chosen(0) ? note(int(column('column')), strcol('hardware')) : NaN):(log(column('speed'))) \
    smooth unique with points
# Points of one processor lie beside each other, in the order of the file.
beside(n) = 0.5 * (n * 0.6180339887 - floor(n * 0.6180339887)) - 0.25
set table $points
plot input using (chosen(0) ? column('column') + beside($0) : NaN):(column('speed')) with points
unset table
if (columns == 0) {
    printerr sprintf("hardware.gp: %s has no speeds of %s", input, source)
    exit status 2
}

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 240 + 120 * columns,480 font 'sans,13' background 'white'
} else {
    set terminal pngcairo size 480 + 240 * columns,960 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

set title sprintf('%s: speed against %s', source, label[1]) noenhanced
set ylabel 'times as fast'
set logscale y 2
set yrange [*:*]
set xrange [-0.6:columns - 0.4]
set xtics () noenhanced
set offsets 0, 0, graph 0.05, graph 0.05
do for [i = 1:columns] { set xtics add (label[i] i - 1) }
set grid ytics lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
unset key

set datafile separator whitespace
set datafile nocolumnheaders
plot $points using 1:2 with points pt 7 ps 0.5 lc rgb '#804477aa', \
     $means using 1:(exp($2)):(0.3) with xerrorbars pt 0 lw 2 lc rgb '#cc3311'
