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
set palette defined (2 '#ddcc77', 25 '#44aa99', 50 '#332288')
set cbrange [2:50]
unset colorbox
unset key
columns = words(levels)
heading = sprintf('statistics against %s after 3 epochs, protocol %s, %s gradients; 2 (light) to 50 (dark) hidden units', \
    target eq 'test_loss' ? 'test loss' : 'training loss', protocol, gradients)

# About four tics to an axis, so that their numbers stay apart: the step is 1, 2 or 5 times a power
# of ten.
power(step) = 10.0 ** floor(log10(step))
rounded(step) = step < 1.5 * power(step) ? power(step) : step < 3.5 * power(step) ? 2 * power(step) \
    : step < 7.5 * power(step) ? 5 * power(step) : 10 * power(step)

# Panels of equal size on a grid of the page; a row's label stands below all of it.
left(l) = 0.06 + (l - 1) * 0.93 / columns
right(l) = left(l) + 0.93 / columns - 0.025
top(s) = 0.91 - (s - 1) * 0.30
bottom(s) = top(s) - 0.20
set multiplot title heading noenhanced
set ylabel offset 0, 0
do for [s = 1:3] {
    statistic = word(statistics, s)
    do for [l = 1:columns] {
        level = word(levels, l) + 0
        set lmargin at screen left(l)
        set rmargin at screen right(l)
        set tmargin at screen top(s)
        set bmargin at screen bottom(s)
        stats input using (chosen(statistic, level)) name 'X' nooutput
        width = X_max - X_min
        set xtics rounded(width / 4)
        set xrange [X_min - 0.05 * width:X_max + 0.05 * width]
        above = s == 1 ? word(levels, l).' %' : ''
        beside = l == 1 ? 'loss' : ''
        numbers = l == 1 ? '%g' : ''
        below = l == 1 ? word(titles, s) : ''
        set title above
        set ylabel beside
        set format y numbers
        set label 1 below at screen 0.5 * (left(1) + right(columns)), screen bottom(s) - 0.06 center
        plot input using (chosen(statistic, level)):(column(target)):(column('width')) \
            with points pt 7 ps 0.4 lc palette
    }
}
unset multiplot
