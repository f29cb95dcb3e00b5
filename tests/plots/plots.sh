#!/bin/sh
# plots/*.gp: what is drawn from a table whose picture is known; no label covers another.
# usage: plots.sh
# Exit 77 (skipped) without gnuplot.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v gnuplot >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
    echo "FAIL: $*"
    [ -f "$work/err" ] && sed 's/^/    /' "$work/err"
    failures=$((failures + 1))
}

# draw SCRIPT INPUT OUTPUT [SETTING]: nothing is said, a picture is there.
draw() {
    gnuplot -e "input='$2'; output='$work/$3'; ${4:-}" "$root/plots/$1" >"$work/out" 2>"$work/err" ||
        fail "$1 ended with an error"
    [ ! -s "$work/err" ] || fail "$1 said something"
    case $3 in
    *.svg) grep -q '^</svg>' "$work/$3" || fail "$3 is no whole SVG" ;;
    *) [ "$(head -c 4 "$work/$3" | tail -c 3)" = PNG ] || fail "$3 is no PNG" ;;
    esac
}

# refused SCRIPT INPUT SETTING WORDS: exit 2, and the reason.
refused() {
    gnuplot -e "input='$2'; output='$work/none.svg'; $3" "$root/plots/$1" >"$work/out" 2>"$work/err"
    [ $? -eq 2 ] || fail "$1 did not end with 2"
    grep -q "$4" "$work/err" || fail "$1 does not say '$4'"
}

has_text() {
    grep -q ">$2<" "$work/$1" || fail "$1 lacks the label $2"
}

# Boxes of all upright texts, 0.5 em a character; turned ones must stand at right angles.
labels_are_apart() {
    awk -v file="$1" '
        /<g transform="translate/ {
            match($0, /translate\([-0-9.]+,[-0-9.]+\)/)
            split(substr($0, RSTART + 10, RLENGTH - 11), xy, ",")
            anchor = $0 ~ /anchor="middle"/ ? 0.5 : $0 ~ /anchor="end"/ ? 1 : 0
            turned = $0 ~ /rotate\(/
            if (turned && $0 !~ /rotate\(-?(90|270)/) { print "a slanted label in " file; bad = 1 }
        }
        /<text>/ && !turned {
            text = $0
            gsub(/<[^>]*>/, "", text)
            gsub(/^[ \t]+|[ \t]+$/, "", text)
            if (text == "") next
            width = 6 * length(text)
            low = xy[1] - anchor * width
            for (b = 0; b < n; b++)
                if (y[b] - xy[2] < 10 && xy[2] - y[b] < 10 && low < high[b] && low + width > start[b]) {
                    print "in " file " \"" text "\" covers \"" name[b] "\""
                    bad = 1
                }
            start[n] = low; high[n] = low + width; y[n] = xy[2]; name[n++] = text
        }
        END { exit bad }' "$work/$1" >"$work/err" || fail "labels of $1 are not apart"
}

# The title, 0.5 em a character, begins inside the picture.
title_is_inside() {
    awk -v title="$2" '
        /<g transform="translate/ {
            match($0, /translate\([-0-9.]+,/)
            x = substr($0, RSTART + 10, RLENGTH - 11)
        }
        index($0, ">" title "<") { found = 1; cut = x + 0 < 3 * length(title) }
        END { exit !found || cut }' "$work/$1" || fail "the title of $1 is cut off, or not there"
}

# --- speedup.gp: one kernel, as a filter leaves it ---

cat >"$work/kernels.csv" <<'CSV'
kernel,isa,cache,shape,x_scalar
f32_embbag,scalar,hot,a,1
f32_embbag,avx2,hot,a,2
f32_embbag,avx2,hot,b,8
CSV
draw speedup.gp "$work/kernels.csv" one_kernel.svg
has_text one_kernel.svg f32_embbag
title_is_inside one_kernel.svg 'speed against the scalar tier, inputs hot'

# --- roofline.gp: the kernels of the widest set that has some, though narrower and wider ones have roofs ---

cat >"$work/roofline.csv" <<'CSV'
kernel,isa,cache,status,flops,bytes,gflops,roof_value
fma:scalar,,,roof,,,40,40
fma:avx2,,,roof,,,100,100
fma:avx512,,,roof,,,200,200
read:L1,,,roof,,,,400
read:L2,,,roof,,,,150
read:L3,,,roof,,,,60
read:DRAM,,,roof,,,,30
f32_embbag,scalar,hot,ok,4,16,3,400
f32_embbag,scalar,cold,ok,4,16,2,30
f32_embbag,avx2,hot,ok,4,16,9,400
f32_embbag,avx2,cold,ok,4,16,4,30
f32_fm,avx2,hot,ok,12,8,50,100
f32_concat,avx2,hot,ok,,16,,400
step_zico,avx2,hot,ok,1000,,80,100
CSV
draw roofline.gp "$work/roofline.csv" roofline.svg
draw roofline.gp "$work/roofline.csv" roofline.png "isa='scalar'"
for label in 'kernels of avx2 under the measured roofs, one thread' 'read DRAM, 30 GB/s' 'multiply-adds, 100 GFLOP/s'; do
    has_text roofline.svg "$label"
done
labels_are_apart roofline.svg
points() { grep -c "<use xlink:href='#gpPt$2' transform" "$work/$1"; }
[ "$(points roofline.svg 5)" -eq 3 ] && [ "$(points roofline.svg 6)" -eq 2 ] || # with the legend's
    fail "the roofline has not a point for every case"
refused roofline.gp "$work/roofline.csv" "isa='avx512'" 'no kernel of avx512'
refused roofline.gp "$work/roofline.csv" "isa='neon'" 'no roof fma:neon'

# --- hardware.gp: a point for every quantity of a source, and the means ---

cat >"$work/hardware.csv" <<'CSV'
source,quantity,hardware,column,value,unit,speed
kernels,f32_fm hot a,ours,0,1e-6,s,1
kernels,f32_fm hot a,theirs,1,5e-7,s,2
kernels,f32_fm hot b,ours,0,1e-6,s,1
kernels,f32_fm hot b,theirs,1,1.25e-7,s,8
kernels,f32_fm hot c,theirs,1,1e-6,s,
roofs,read:L1,ours,0,400,G/s,1
roofs,read:L1,theirs,1,800,G/s,2
CSV
draw hardware.gp "$work/hardware.csv" hardware.svg
draw hardware.gp "$work/hardware.csv" hardware.png "source='roofs'"
for label in ours theirs 'kernels: speed against ours'; do has_text hardware.svg "$label"; done
labels_are_apart hardware.svg
[ "$(points hardware.svg 6)" -eq 4 ] || fail "hardware.gp has not a point for every speed"
refused hardware.gp "$work/hardware.csv" "source='scores'" 'no speeds of scores'

# --- table4_heatmap.gp: two levels, best at lambda2 = 10 and lambda3 = 0 ---

awk 'BEGIN {
    print "task,proxy,warmup_percent,warmup_mode,truth,statistic,value,seeds,lambda1,lambda2,lambda3"
    split("0 0.1 0.316 1 3.16 10 31.6 100 316 1000", weight)
    for (level = 10; level <= 20; level += 10)
        for (i = 1; i <= 10; i++)
            for (j = 1; j <= 10; j++)
                printf "nb201-cf10,sigeo-naslib,%d,supernet,val,spearman_grid,%g,1,1,%s,%s\n",
                    level, 0.5 - 0.01 * (i > 6 ? i - 6 : 6 - i) - 0.001 * (j - 1), weight[i], weight[j]
}' >"$work/table4.csv"
draw table4_heatmap.gp "$work/table4.csv" one.svg "levels='10'"
draw table4_heatmap.gp "$work/table4.csv" two.svg "levels='10 20'"
draw table4_heatmap.gp "$work/table4.csv" two.png "levels='10 20'"
cells() { grep -c '<polygon' "$work/$1"; }
[ $(($(cells two.svg) - $(cells one.svg))) -eq 100 ] || fail "a map has not 100 cells"
for label in '10 %' '20 %' lambda2 lambda3 Spearman; do has_text two.svg "$label"; done
labels_are_apart two.svg
# The only cell of the darkest colour, besides the colour box's, stands in column 6 of the lowest row.
awk -F"points = '" '/<polygon/ {
        split($2, corner, /[ ,]/)
        x = corner[1]; y = corner[2]; width = corner[3] - corner[1]
        if (width < 25) next
        if (left == "" || x < left) left = x
        if (y > bottom) bottom = y
        if ($1 ~ /rgb\( 6[4-6], +3[12], +[23]\)/) { dark++; at = x; of = width; row = y }
    }
    END { exit !(dark == 1 && int((at - left) / of + 0.5) == 5 && row == bottom) }' "$work/one.svg" ||
    fail "the best weights are not where they belong"
refused table4_heatmap.gp "$work/table4.csv" "levels='40'" 'no grid of sigeo-naslib on nb201-cf10 at 40 %'

# --- figure3.gp: numbers of every length on the axes ---

awk 'BEGIN {
    print "protocol,gradients,width,repeat,warmup_percent,warmup_steps,fisher_rao_norm," \
        "mean_absolute_gradients,current_training_loss,test_loss,train_loss"
    for (level = 0; level <= 60; level += level < 20 ? 10 : 20)
        for (i = 0; i < 25; i++)
            printf "code,clean,%d,0,%d,%d,%s,%g,%g,%g,%g\n", 2 * i + 2, level, level,
                i == 0 ? "-inf" : -7.5 + 0.31 * i, 3 + 2 * i * (1 + level), 2.16 + 0.007 * i,
                1.9 - 0.07 * i, 1.8 - 0.07 * i
}' >"$work/figure3.csv"
draw figure3.gp "$work/figure3.csv" figure3.svg
draw figure3.gp "$work/figure3.csv" figure3.png "target='train_loss'; levels='0 60'"
for label in '0 %' '10 %' '20 %' '40 %' '60 %' 'training loss at the level' \
    'ln of the Fisher-Rao norm' 'mean absolute gradients' loss; do
    has_text figure3.svg "$label"
done
labels_are_apart figure3.svg

# --- figure1.gp: a point of either side for every method, the other reading left out ---

cat >"$work/figure1.csv" <<'CSV'
dataset,setting,method,search_space,by,log_loss,ci_low,ci_high,search_cost_cpu_hours,paper_log_loss,paper_search_cost_gpu_days,in_paper_figure
Criteo,one-shot,DNAS,,,,,,,0.4442,0.28,yes
Criteo,one-shot,NASRecNet,NASRec-Small,loss,0.45,0.44,0.46,3,0.4395,0.25,yes
Criteo,one-shot,NASRecNet,NASRec-Full,loss,0.455,0.445,0.465,4,0.4404,0.3,yes
Criteo,sub-one-shot,SiGeo,NASRec-Small,sigeo-nasrec,0.451,0.441,0.461,1.5,0.4396,0.1,yes
Criteo,sub-one-shot,SiGeo,NASRec-Small,sigeo-eq6,0.453,0.443,0.463,2,0.4396,0.1,yes
Criteo,one-shot,SiGeo,NASRec-Small,sigeo-nasrec,0.452,0.442,0.462,2.5,0.4399,0.1,no
Avazu,one-shot,NASRecNet (published),NASRec-Small,,0.39,,,,0.3736,,no
CSV
draw figure1.gp "$work/figure1.csv" figure1.svg
draw figure1.gp "$work/figure1.csv" figure1.png "reading='sigeo-eq6'"
for label in 'this program' 'the paper' 'test log loss against search cost, Criteo' DNAS 'hollow: Full'; do
    has_text figure1.svg "$label"
done
labels_are_apart figure1.svg
# Marks in SiGeo's red besides the legend's: two of ours, one of the paper's; the other reading alone, one of each.
reds() { grep -c "<use xlink:href='#gpPt[0-9]*' .*color='rgb(204, *51, *17)'" "$work/$1"; }
draw figure1.gp "$work/figure1.csv" eq6.svg "reading='sigeo-eq6'"
[ "$(reds figure1.svg)" -eq 4 ] && [ "$(reds eq6.svg)" -eq 3 ] || fail "figure 1 has not a mark for every search of the reading"
refused figure1.gp "$work/figure1.csv" "dataset='Avazu'" 'no searches on Avazu by sigeo-nasrec'

# --- figure4.gp: a box for every search, those of a space together; what diverged is no point ---

awk 'BEGIN {
    print "dataset,search_space,method,by,test_log_loss,chosen,status,paper_line"
    split("FR only,sigeo-nasrec:ZiCo,zico-nasrec:SiGeo,sigeo-nasrec", search, ":")
    for (s = 1; s <= 3; s++)
        for (space = 1; space <= 2; space++)
            for (i = 1; i <= 5; i++)
                printf "Criteo,%s,%s,%s,%s,%s,0.4395\n", space == 1 ? "NASRec-Small" : "NASRec-Full", search[s],
                    s == 1 && i == 5 ? 999.99 : 0.5 - 0.01 * s + 0.002 * i, i == 2 ? "yes" : "no",
                    s == 1 && i == 5 ? "diverged" : "ok"
}' >"$work/figure4.csv"
draw figure4.gp "$work/figure4.csv" figure4.svg
draw figure4.gp "$work/figure4.csv" figure4.png 'line=1'
for label in 'FR only' sigeo-nasrec zico-nasrec NASRec-Small NASRec-Full 'test log loss'; do has_text figure4.svg "$label"; done
[ "$(grep -c '>FR only<' "$work/figure4.svg")" -eq 2 ] || fail "figure 4 has not one box of FR only in each space"
labels_are_apart figure4.svg
marks() { grep -c "<use xlink:href='#gpPt$1'" "$work/figure4.svg"; }
[ "$(marks 6)" -eq 28 ] && [ "$(marks 12)" -eq 6 ] || fail "figure 4 has not a point a model and a diamond a box"
gnuplot -e "input='$work/figure4.csv'; output='$work/boxes.svg'; load '$root/plots/figure4.gp'; set print '-'; print \$boxes" \
    >"$work/out" 2>"$work/err"
grep -qx '1,0.492,0.4935,0.495,0.4965,0.498' "$work/out" || fail "a box of figure 4 is not that of --figure 4"
refused figure4.gp "$work/figure4.csv" "dataset='Avazu'" 'no models on Avazu'

# --- the committed tables ---

for table in "$root"/results/reference/*/table4.csv; do
    [ -f "$table" ] || continue
    draw table4_heatmap.gp "$table" heatmap.svg
    labels_are_apart heatmap.svg
done
for table in "$root"/results/reference/*/kernels.csv; do
    [ -f "$table" ] || continue
    draw roofline.gp "$table" roofline.svg
    labels_are_apart roofline.svg
done
for figure in 1 4; do
    for points in "$root"/results/reference/*/figure$figure.csv; do
        [ -f "$points" ] || continue
        draw figure$figure.gp "$points" figure.svg
        labels_are_apart figure.svg
    done
done
for points in "$root"/results/reference/*/figure3.csv; do
    [ -f "$points" ] || continue
    for protocol in code paper; do
        draw figure3.gp "$points" figure3.svg "protocol='$protocol'"
        labels_are_apart figure3.svg
    done
done

[ "$failures" -eq 0 ] || exit 1
echo "pictures show what their tables hold, and no label covers another"
