# Kernels as points under the measured roofs. Reads kernels.csv of bench_kernels.
#
#   gnuplot -e "input='RUN/kernels.csv'; output='roofline.svg'" plots/roofline.gp
#
# Optional: isa='avx2' (default: the widest one in which the file has kernels).

if (!exists("input") || !exists("output")) {
    printerr "roofline.gp: set input='...' and output='...' with -e"
    exit status 2
}

if (output[strlen(output) - 3:] eq '.svg') {
    set terminal svg size 760,520 font 'sans,13' background 'white'
} else {
    set terminal pngcairo size 1520,1040 fontscale 1.6 linewidth 2 pointscale 1.8
}
set output output

set datafile separator comma
set datafile columnheaders
set datafile missing NaN

# The value of a roof; 0 where the file has none.
roof(name) = sprintf("awk -F, -v name=%s 'FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } \
    $at[\"kernel\"] == name { print $at[\"roof_value\"]; found = 1; exit } END { if (!found) print 0 }' '%s'", \
    name, input)
peak(name) = real(system(roof('fma:'.name)))
bandwidth(level) = real(system(roof('read:'.level)))

# How many kernels of an instruction set have a place in the picture.
timed(name) = int(system(sprintf("awk -F, -v isa=%s 'FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } \
    $at[\"isa\"] == isa && $at[\"bytes\"] > 0 && $at[\"gflops\"] > 0 { n++ } END { print n + 0 }' '%s'", name, input)))

if (!exists("isa")) {
    isa = 'scalar'
    do for [name in 'neon avx2 avx512 avx512bf16'] { if (timed(name) > 0) { isa = name } }
}
top = peak(isa)
if (top <= 0) {
    printerr sprintf("roofline.gp: %s has no roof fma:%s", input, isa)
    exit status 2
}
if (timed(isa) == 0) {
    printerr sprintf("roofline.gp: %s has no kernel of %s", input, isa)
    exit status 2
}
array bytes[4] = [bandwidth('L1'), bandwidth('L2'), bandwidth('L3'), bandwidth('DRAM')]
array level[4] = ['L1', 'L2', 'L3', 'DRAM']
array shade[4] = ['#bbbbbb', '#999999', '#777777', '#333333']

# Flops a byte; a case without bytes (a whole step) has no place on the axis.
chosen(cache) = strcol('isa') eq isa && strcol('cache') eq cache && strlen(strcol('bytes')) \
    ? column('flops') / column('bytes') : NaN

set title sprintf('kernels of %s under the measured roofs, one thread', isa) noenhanced
set xlabel 'arithmetic intensity, flops a byte'
set ylabel 'GFLOP/s'
set logscale xy
set xrange [0.03:100]
set yrange [0.3:top * 2]
set grid lc rgb '#dddddd' lt 1 lw 0.5
set border 3
set tics nomirror out
set key outside right center vertical Left reverse noenhanced

set samples 2000
under(x, rate) = x * rate < top ? x * rate : NaN
plot for [i = 1:4] under(x, bytes[i]) with lines lw 1.5 lc rgb shade[i] \
         title sprintf('read %s, %.0f GB/s', level[i], bytes[i]), \
     top with lines lw 1.5 dt 2 lc rgb '#333333' title sprintf('multiply-adds, %.0f GFLOP/s', top), \
     input using (chosen('hot')):(column('gflops')) with points pt 6 ps 0.9 lc rgb '#cc3311' title 'hot', \
     input using (chosen('cold')):(column('gflops')) with points pt 7 ps 0.7 lc rgb '#4477aa' title 'cold'
