# Figure 1: test log loss of what searches find against the cost of the search: ours in CPU hours on
# the left, with 95 % intervals, the paper's in GPU days on the right. Colour: method; shape: how much
# of the supernet's training came before; filled: NASRec-Small, hollow: NASRec-Full. Reads figure1.csv
# of --figure 1.
#
#   gnuplot -e "input='RUN/figure1.csv'; output='figure1.svg'" plots/figure1.gp
#
# Optional: dataset='Criteo' (or 'Avazu', 'KDD Cup 2012'), reading='sigeo-nasrec' (or 'sigeo-eq6'),
# zico='zico-nasrec' (or 'zico').

if (!exists("input") || !exists("output")) {
    printerr "figure1.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("dataset")) dataset = 'Criteo'
if (!exists("reading")) reading = 'sigeo-nasrec'
if (!exists("zico")) zico = 'zico-nasrec'

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

is_read(dummy) = strcol('dataset') eq dataset && (strcol('method') eq 'SiGeo' ? strcol('by') eq reading \
    : strcol('method') eq 'ZiCo' ? strcol('by') eq zico : 1)
is_ours(dummy) = is_read(0) && strlen(strcol('search_cost_cpu_hours')) > 0 && strlen(strcol('ci_low')) > 0
is_theirs(dummy) = is_read(0) && strcol('in_paper_figure') eq 'yes' && strlen(strcol('paper_log_loss')) > 0 \
    && strlen(strcol('paper_search_cost_gpu_days')) > 0

methods = '"SiGeo" "ZiCo" "NASRecNet" "Random Search" "AutoCTR" "PROFIT" "DNAS"'
colours = '0xcc3311 0x0077bb 0x009988 0x777777 0xee7733 0xaa4499 0x999933'
settings = 'zero-shot sub-one-shot one-shot'
place(list, name, i) = i > words(list) ? 1 : word(list, i) eq name ? i : place(list, name, i + 1)
colour(name) = int(word(colours, place(methods, name, 1)))
# Triangles, circles, squares.
shape(setting, space) = 9 - 2 * (place(settings, setting, 1) - 1) - (space eq 'NASRec-Full')

# How many points there are of either.
ours = 0
theirs = 0
set xrange [-1e9:1e9] # tables have no need of axes
set yrange [-1e9:1e9]
count_ours(dummy) = is_ours(0) ? (ours = ours + 1, 0) : 0
count_theirs(dummy) = is_theirs(0) ? (theirs = theirs + 1, 0) : 0
set table $none
plot input using (count_ours(0) + count_theirs(0)):(0) with points
unset table
if (ours == 0) {
    printerr sprintf("figure1.gp: %s has no searches on %s by %s and %s", input, dataset, reading, zico)
    exit status 2
}

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 960,480 font 'sans,12' background 'white'
} else {
    set terminal pngcairo size 1920,960 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

set grid lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
set format y '%.4f'
set offsets graph 0.08, graph 0.08, graph 0.08, graph 0.08
set xrange [*:*]
set yrange [*:*]
set multiplot title sprintf('test log loss against search cost, %s', dataset) noenhanced
set tmargin at screen 0.85
set bmargin at screen 0.15
set xlabel offset 0, 0 noenhanced

set lmargin at screen 0.09
set rmargin at screen 0.44
set title 'this program'
set xlabel 'CPU hours: supernet, search, training the best'
unset key
plot input using (is_ours(0) ? column('search_cost_cpu_hours') : NaN):(column('log_loss')):(column('ci_low')):(column('ci_high')):(colour(strcol('method'))) \
         with yerrorbars pt 0 lw 1 lc rgb variable, \
     input using (is_ours(0) ? column('search_cost_cpu_hours') : NaN):(column('log_loss')):(shape(strcol('setting'), strcol('search_space'))):(colour(strcol('method'))) \
         with points pt variable ps 1.1 lc rgb variable

set lmargin at screen 0.53
set rmargin at screen 0.82
set title 'the paper'
set xlabel 'GPU days, without the supernet'
set key at screen 0.995, screen 0.85 right top reverse Left samplen 1 spacing 1.2
if (theirs > 0) {
    plot input using (is_theirs(0) ? column('paper_search_cost_gpu_days') : NaN):(column('paper_log_loss')):(shape(strcol('setting'), strcol('search_space'))):(colour(strcol('method'))) \
             with points pt variable ps 1.1 lc rgb variable notitle, \
         for [i = 1:words(methods)] keyentry with points pt 5 ps 0.9 lc rgb int(word(colours, i)) title word(methods, i), \
         keyentry with points pt 9 lc rgb '#000000' title 'zero-shot', \
         keyentry with points pt 7 lc rgb '#000000' title 'sub-one-shot', \
         keyentry with points pt 5 lc rgb '#000000' title 'one-shot', \
         keyentry with points pt 6 lc rgb '#000000' title 'hollow: Full'
}
unset multiplot
