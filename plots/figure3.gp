# Figure 3: a statistic of every perceptron at a warm-up level against its loss after 3 epochs, a
# grid of levels (across) and statistics (down), coloured by width. Reads figure3.csv of a run.
#
#   gnuplot -e "input='RUN/figure3.csv'; output='figure3.svg'" plots/figure3.gp
#
# Optional: protocol='code' (or 'paper'), gradients='clean' (or 'accumulated'), target='test_loss'
# (or 'train_loss'), levels='0 10 20 40 60'.

if (!exists("input") || !exists("output")) {
    printerr "figure3.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("protocol")) protocol = 'code'
if (!exists("gradients")) gradients = 'clean'
if (!exists("target")) target = 'test_loss'
if (!exists("levels")) levels = '0 10 20 40 60'

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 1200,720 font 'sans,12' background 'white'
} else {
    set terminal pngcairo size 2400,1440 fontscale 1.4 linewidth 2 pointscale 1.8
}
set output output

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

statistics = 'current_training_loss fisher_rao_norm mean_absolute_gradients'
titles = '"training loss at the level" "ln of the Fisher-Rao norm" "mean absolute gradients"'

# ln 0, of a network whose gradients vanish, has no place on an axis.
chosen(name, level) = strcol('protocol') eq protocol && strcol('gradients') eq gradients \
    && column('warmup_percent') == level && abs(column(name)) < 1e7 ? column(name) : NaN

set grid lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
set xtics rotate by -30
set palette defined (2 '#ddcc77', 25 '#44aa99', 50 '#332288')
set cbrange [2:50]
unset colorbox
unset key
columns = words(levels)
heading = sprintf('statistics against %s after 3 epochs, protocol %s, %s gradients; 2 (light) to 50 (dark) hidden units', \
    target eq 'test_loss' ? 'test loss' : 'training loss', protocol, gradients)
set multiplot layout 3,columns title heading noenhanced
do for [s = 1:3] {
    do for [l = 1:words(levels)] {
        above = s == 1 ? word(levels, l).' %' : ''
        below = l == (words(levels) + 1) / 2 ? word(titles, s) : ''
        beside = l == 1 ? 'loss' : ''
        statistic = word(statistics, s)
        level = word(levels, l) + 0
        set title above
        set xlabel below
        set ylabel beside
        plot input using (chosen(statistic, level)):(column(target)):(column('width')) \
            with points pt 7 ps 0.4 lc palette
    }
}
unset multiplot
