# How many times as fast as the scalar tier every kernel is in every instruction set: the geometric
# mean over its shapes. Reads kernels.csv of bench_kernels.
#
#   gnuplot -e "input='RUN/kernels.csv'; output='speedup.svg'" plots/speedup.gp
#
# Optional: cache='hot' (or 'cold').

if (!exists("input") || !exists("output")) {
    printerr "speedup.gp: set input='...' and output='...' with -e"
    exit status 2
}
if (!exists("cache")) cache = 'hot'

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

# Kernels in the order of the file, and where each stands on the axis; instruction sets likewise.
names = ' '
isas = ' '
note_name(name) = strstrt(names, ' '.name.' ') ? 0 : (names = names.name.' ', 1)
note_isa(name) = strstrt(isas, ' '.name.' ') ? 0 : (isas = isas.name.' ', 1)
place(name) = (at = 0, sum [i = 1:words(names)] (word(names, i) eq name ? (at = i) : 0), at)
is_timed(dummy) = strcol('cache') eq cache && strlen(strcol('x_scalar')) > 0
set xrange [-1:10000] # tables have no need of axes
set yrange [-1000:1000]
set table $nothing
plot input using (is_timed(0) ? note_name(strcol('kernel')) + note_isa(strcol('isa')) : 0):(0) with points
unset table
if (words(names) == 0) {
    printerr sprintf("speedup.gp: %s has no %s case beside a scalar one", input, cache)
    exit status 2
}

# Mean logarithms, a block for every instruction set: the geometric mean of a kernel's shapes.
x(isa) = is_timed(0) && strcol('isa') eq isa ? place(strcol('kernel')) : NaN
set table $means
plot for [i = 1:words(isas)] input using (x(word(isas, i))):(log(column('x_scalar'))) smooth unique with points
unset table

# Neutral, by the compiler, by hand.
shade(isa) = isa eq 'scalar' ? '#bbbbbb' : isa eq 'avx2' ? '#4477aa' : isa eq 'ref' ? '#eecc66' : '#cc3311'
words_of(isa) = isa eq 'scalar' ? 'scalar: plain C' \
    : isa eq 'avx2' ? 'avx2: vectorised by the compiler' : isa.': intrinsics where they pay'
width = 0.8 / words(isas)
beside(i) = (i - 0.5 * (words(isas) + 1)) * width

places = words(names) < 9 ? 9 : words(names) # the title needs its width
if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 440 + 46 * places,520 font 'sans,13' background 'white'
} else {
    set terminal pngcairo size 880 + 92 * places,1040 fontscale 1.6 linewidth 2
}
set output output

set datafile separator whitespace
set datafile nocolumnheaders
set title sprintf('speed against the scalar tier, inputs %s', cache) noenhanced
set ylabel 'times as fast (geometric mean over the shapes)'
set xrange [0.4:words(names) + 0.6]
set logscale y 2
set yrange [0.5:*]
set xtics () rotate by -40 noenhanced
do for [i = 1:words(names)] { set xtics add (word(names, i) i) }
set grid ytics lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
set key outside right center vertical Left reverse noenhanced
set bmargin 9
set style fill solid 0.9
set boxwidth width

plot for [i = 1:words(isas)] $means index (i - 1) using ($1 + beside(i)):(exp($2)) with boxes \
         lc rgb shade(word(isas, i)) title words_of(word(isas, i)), \
     1 with lines lc rgb '#333333' lw 0.5 notitle
