# Figure 4: test log loss of the best of each search after 1 % warm-up, trained from scratch: a box of
# quartiles (interpolated, as --figure 4 prints them), whiskers to the extremes, a point a model, and a
# diamond for the one that validation chooses. NASRec-Small on the left, NASRec-Full on the right. Reads figure4.csv of --figure 4; models
# that diverged are left out.
#
#   gnuplot -e "input='RUN/figure4.csv'; output='figure4.svg'" plots/figure4.gp
#
# Optional: dataset='Criteo' (or 'Avazu', 'KDD Cup 2012'), line=1 for the paper's line, the best of
# NASRecNet, which only the whole public set can be held to.

if (!exists("input") || !exists("output")) {
    printerr "figure4.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("dataset")) dataset = 'Criteo'
if (!exists("line")) line = 0

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

is_good(space) = strcol('dataset') eq dataset && strcol('search_space') eq space && strcol('status') eq 'ok'
name(dummy) = strcol('search_space').'/'.strcol('method').'/'.strcol('by')

# Boxes in the order of the file, those of Small first.
array box[64]
n = 0
place(key, i) = i > n ? 0 : box[i] eq key ? i : place(key, i + 1)
note(key) = place(key, 1) > 0 ? 0 : (n = n + 1, box[n] = key, 0)
set xrange [-1:1] # tables have no need of axes
set yrange [-1:1]
small = 0
do for [space in 'NASRec-Small NASRec-Full'] {
    set table $none
    plot input using (is_good(space) ? note(name(0)) : 0):(0) with points
    unset table
    if (space eq 'NASRec-Small') { small = n }
}
if (n == 0) {
    printerr sprintf("figure4.gp: %s has no models on %s", input, dataset)
    exit status 2
}

is_in(key) = strcol('dataset') eq dataset && strcol('status') eq 'ok' && name(0) eq key
array loss[1024]
m = 0
take(x) = (m = m + 1, loss[m] = x, 0)
# Of losses in ascending order, between the two that stand beside it.
part(p) = (h = 1 + p * (m - 1), k = int(h), k == m ? loss[m] : loss[k] + (h - k) * (loss[k + 1] - loss[k]))
set print $boxes
print 'box,least,lower,median,upper,most'
do for [i = 1:n] {
    m = 0
    set table $none
    plot input using (is_in(box[i]) ? take(column('test_log_loss')) : 0):(0) with points
    unset table
    do for [j = 2:m] {
        do for [k = j:2:-1] {
            if (loss[k] < loss[k - 1]) { swapped = loss[k]; loss[k] = loss[k - 1]; loss[k - 1] = swapped }
        }
    }
    print sprintf('%d,%.9g,%.9g,%.9g,%.9g,%.9g', i, part(0), part(0.25), part(0.5), part(0.75), part(1))
}
unset print
set xrange [*:*]
set yrange [*:*]

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 160 + 110 * n,480 font 'sans,12' background 'white'
} else {
    set terminal pngcairo size 320 + 220 * n,960 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

# The part of a key between its slashes.
first(key) = key[1:strstrt(key, '/') - 1]
rest(key) = key[strstrt(key, '/') + 1:]
set title sprintf('best architectures of each search, %s', dataset) noenhanced
set ylabel 'test log loss'
set format y '%.4f'
set xrange [0.4:n + 0.6]
set xtics () noenhanced
do for [i = 1:n] {
    set xtics add (first(rest(box[i]))."\n".rest(rest(box[i]))."\n".first(box[i]) i)
}
set grid ytics lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
unset key
set bmargin 5
set offsets 0, 0, graph 0.05, graph 0.05
set boxwidth 0.5
if (small > 0 && small < n) {
    set arrow 1 from small + 0.5, graph 0 to small + 0.5, graph 1 nohead lc rgb '#999999' dt 2
}
if (line) {
    stats input using (is_in(box[1]) ? column('paper_line') : NaN) name 'LINE' nooutput
    set arrow 2 from graph 0, first LINE_max to graph 1, first LINE_max nohead lw 2 lc rgb '#009988'
    set yrange [* < LINE_max:LINE_max < *]
}

# Models of one box lie beside each other, in the order of the file.
beside(k) = 0.4 * (k * 0.6180339887 - floor(k * 0.6180339887)) - 0.2
at(dummy) = strcol('dataset') eq dataset && strcol('status') eq 'ok' ? place(name(0), 1) : NaN
chosen(dummy) = strcol('chosen') eq 'yes' ? at(0) : NaN
plot $boxes using 1:3:2:6:5 with candlesticks whiskerbars 0.5 lw 1 lc rgb '#444444', \
     $boxes using 1:4:4:4:4 with candlesticks lw 3 lc rgb '#444444', \
     input using (at(0) + beside($0)):(column('test_log_loss')) with points pt 7 ps 0.5 lc rgb '#804477aa', \
     input using (chosen(0)):(column('test_log_loss')) with points pt 13 ps 1.2 lc rgb '#cc3311'
