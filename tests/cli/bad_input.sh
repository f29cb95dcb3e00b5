#!/bin/sh
# Bad input: every case ends with its exit code and one line that names the object.
# usage: bad_input.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
cases=0
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
. "$(dirname "$0")/tiny_data.sh"

fail() {
    echo "FAIL: $*"
    sed 's/^/    /' "$work/err"
    failures=$((failures + 1))
}

# expect CODE WORDS ARGUMENT...: exit code, and an extended regular expression that stderr matches
expect() {
    code=$1
    words=$2
    shift 2
    cases=$((cases + 1))
    "$bench" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" -ne "$code" ]; then
        fail "exit $got instead of $code: $*"
    elif ! grep -qE -e "$words" "$work/err"; then
        fail "stderr does not say '$words': $*"
    elif [ "$(grep -c '^bench_sigeo: ' "$work/err")" -ne 1 ]; then
        fail "not one error line: $*"
    fi
}

# says WORDS: the last case's stderr, hint included, matches too
says() {
    grep -qE -e "$1" "$work/err" || fail "stderr does not say '$1'"
}

six='|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|'

# usage
expect 2 'nothing to do'
expect 2 'unknown option: no-such-option' --no-such-option
expect 2 'did you mean warmup' --warmpu 3
expect 2 'option --workers needs a value' --table 2 --workers
expect 2 'option --quiet takes no value' --quiet=3
expect 2 'unknown option: -x' -x
expect 2 'option --table needs a value' --table
expect 2 'unexpected word: word' word
expect 2 '--out names no folder' --table 2 --out ''
expect 2 'two modes' --doctor --version
expect 2 'unknown table: 7' --table 7
expect 2 '--table 3 takes click-through tasks, not nb201-cf10' --table 3 --task nb201-cf10
expect 2 'table 3 has no rows at 10 % warm-up' --table 3 --warmup 0,10
says 'hint: --warmup 0,1,100'
expect 2 'table 3 has no rows by naswot' --table 3 --proxy naswot
expect 2 'table 3 takes no --lambda' --table 3 --lambda 1,1,1
expect 2 'table 3 takes no --archs' --table 3 --archs 5
expect 2 'table 3 takes no --shard' --table 3 --shard 0/2
expect 2 'table 3 takes no --data formula' --table 3 --data formula
echo dlrm2 >"$work/models"
expect 2 'line 1 of .*: no click-through model has this name' --train-truth criteo --archs "$work/models" --out "$work/models_out"
echo "nasrec-small F,E|256" >"$work/archs"
expect 2 'line 1 of .*archs' --table 3b --archs "$work/archs" --out "$work/models_out"
expect 2 'table 3b takes no --lambda' --table 3b --lambda 1,1,1
expect 2 'table 3b takes no --shard' --table 3b --shard 0/2
expect 2 'table 3b takes no --warmup-mode candidate' --table 3b --warmup-mode candidate
expect 2 'table 3b has no scores by naswot' --table 3b --proxy naswot
says 'oneshot,params,flops'
expect 2 'proxy sigeo-nasrec is given twice' --table 3b --proxy sigeo,sigeo-nasrec
expect 2 'proxy sigeo-naslib is given twice' --table 2 --proxy sigeo,sigeo-naslib
for mode in '--table 3' '--table 3b' '--figure 4' '--search nasrec-small'; do
    "$bench" --proxy sigeo $mode --preset smoke --dry-run --out "$work/none" >"$work/out" 2>"$work/err" ||
        fail "sigeo is no proxy: $mode"
done
expect 2 'takes click-through tasks, not nb201-cf10' --table 3b --task nb201-cf10
expect 2 'oneshot scores click-through models' --table 2 --proxy oneshot
says 'hint: --table 3b goes with it'
expect 2 'zico-nasrec scores click-through models' --table 2 --proxy zico-nasrec
says 'hint: --search nasrec-small or --table 3 goes with it'
expect 2 'unknown figure: 7' --figure 7
says '--list figures'
expect 2 'figure 4 takes no --seeds' --figure 4 --seeds 2
expect 2 'figure 4 takes no --lambda' --figure 4 --lambda 0,1,1
expect 2 'figure 4 has no rows at 100 % warm-up' --figure 4 --warmup 100
says 'hint: --warmup 1$'
expect 2 'takes click-through tasks, not nb201-cf10' --figure 1 --task nb201-cf10
expect 4 'table3.csv' --figure 1 --from "$work"
expect 4 'figure4.csv' --figure 4 --from "$work"
expect 4 'has no table3.csv to make figure 4 of' --figure 4 --from "$work" --out "$work/figure"
expect 2 'takes no --task' --figure 4 --from "$work" --task kdd12
says 'add --out DIR'
expect 2 'takes no --seed' --figure 1 --from "$work" --out "$work/figure" --seed 3
expect 4 'needs the images of mnist' --figure 3 --preset smoke --out "$work/figure"
says '--data DIR'
expect 2 'two modes' --figure 3 --table 2
expect 2 'unknown task: nb201-cf11' --table 2 --task nb201-cf11
says 'did you mean nb201-cf1'
expect 2 'task nb201-cf10 is given twice' --table 2 --task nb201-cf10,nb201-cf10
expect 2 'unknown proxy: zicco' --table 2 --proxy zicco
says 'did you mean zico'
expect 2 'proxy zico is given twice' --table 2 --proxy zico,zico
expect 2 'malformed list' --table 2 --proxy zico,
expect 2 'unknown layout: nchw' --table 2 --layout nchw
says 'auto blocked nhwc'
expect 2 'unknown precision: f16' --table 2 --precision f16
expect 2 'exclude each other' --table 2 --precision bf16 --winograd
says 'hint: give one of the two'
expect 3 'precision bf16 needs AVX512_BF16' --score "$six" --task nb201-cf10 --proxy zico \
    --data formula --isa scalar --precision bf16
says 'hint: use --precision f32'
expect 2 'warm-up level: 101' --table 2 --warmup 0,101
expect 2 'warm-up level: -1' --table 2 --warmup=-1
expect 2 'warm-up level: ten' --table 2 --warmup ten
expect 2 'warm-up level: nan' --table 2 --warmup nan
expect 2 'level 10 is given twice' --table 2 --warmup 10,0,10
expect 2 'unknown warm-up mode: both' --table 2 --warmup-mode both
expect 2 'unknown preset: huge' --table 2 --preset huge
expect 2 'unknown truth: train' --table 2 --truth train
expect 2 'non-finite scores: keep' --table 2 --nonfinite keep
expect 2 'unknown convention: theirs' --table 1 --convention theirs
says 'suite ours'
expect 2 'malformed --lambda' --table 2 --lambda 1,2
expect 2 'malformed --lambda' --table 2 --lambda 1,2,nan
expect 2 'malformed --shard' --table 2 --shard 2/2
expect 2 'malformed --shard' --table 2 --shard 1
expect 2 'number of workers: 0' --table 2 --workers 0
expect 2 'number of architectures: 0' --table 2 --archs 0
expect 2 'malformed seed' --table 2 --seed x
expect 2 'batch size: 0' --table 2 --batch-size 0
expect 2 'mini-batches: 1' --table 2 --batches 1
expect 2 'dedupe' --table 2 --dedupe
expect 2 'no images to warm up on' --table 2 --data formula --warmup 10
expect 2 'nothing to list' --list everything
expect 2 'ISA|isa|instruction set' --doctor --isa sse9
foreign=neon
[ "$(uname -m)" = x86_64 ] || foreign=avx2
expect 3 "instruction set $foreign cannot be used: the CPU" --doctor --isa "$foreign"
export SIGEO_WORKERS=many
expect 2 'SIGEO_WORKERS: many' --doctor
unset SIGEO_WORKERS
export SIGEO_ISA=sse9
expect 2 'sse9' --doctor
unset SIGEO_ISA

# hardware
expect 2 'among 2 to 16 folders' --compare-hardware "$work"
expect 4 'has neither kernels.csv' --compare-hardware "$work" "$work"
cp "$bench" "$work/alone"
printf '#!/bin/sh\nPATH=%s exec %s/alone "$@"\n' "$work" "$work" >"$work/without_bench_kernels"
chmod +x "$work/without_bench_kernels"
with=$bench
bench=$work/without_bench_kernels
expect 3 'bench_kernels is neither' --bench=f32_
says './setup.sh build'
bench=$with

# architectures
expect 2 'arch' --score 'nor_conv_3x3' --data formula
expect 2 'nor_conv_5x5' --score '|nor_conv_5x5~0|+|none~0|none~1|+|none~0|none~1|none~2|' --data formula
expect 2 'arch' --score "$six|" --data formula
expect 2 'nb101 architecture, character 3: 2 digits' --score '10:1' --task nb101-cf10 --data formula
expect 2 'operation of vertex 1 .*got "3"' --score '101:3' --task nb101-cf10 --data formula
says 'hint: 0 conv1x1, 1 conv3x3, 2 maxpool3x3'
expect 2 'no path leads from the input' --score '100001:01' --task nb101-cf10 --data formula
expect 2 '10 edges lead from input to output' --score '1111111111:000' --task nb101-cf10 --data formula
expect 2 'no task' --train-truth nb201-cf10
expect 2 'result folder' --train-truth nb201-fmnist
expect 2 'dry-run goes with' --doctor --dry-run

# golden files
expect 4 "$work/none.json" --verify "$work/none.json"
printf '{"space": "nb201", "archs": [' >"$work/cut.json"
expect 4 'not JSON' --verify "$work/cut.json"
printf '{}' >"$work/empty.json"
expect 3 'nothing that can be verified' --verify "$work/empty.json"
printf '{"space": "nb201", "archs": [{"name": "x"}]}' >"$work/part.json"
expect 4 'incomplete' --verify "$work/part.json"
printf '{"space": "nb201", "archs": [{"name": "x", "arch": "|none~0|", "input": [3, 8], "classes": 10, "batch": 2, "k": 1}]}' >"$work/odd.json"
expect 4 'golden record x: nb201 architecture, character' --verify "$work/odd.json"
[ "$(grep -c agree "$work/err")" -eq 0 ] || fail "counts of a file that could not be verified"
printf '{"space": "recsys", "models": [{"name": "x", "model": "dlrm", "batch": 8}]}' >"$work/model.json"
expect 4 'golden record x is incomplete' --verify "$work/model.json"
printf '%s%s' '{"space": "recsys", "models": [{"name": "x", "model": "lr", "dense_inputs": 3, "sparse_fields": 10,' \
    ' "rows_per_field": 5, "batch": 8}]}' >"$work/unknown.json"
expect 4 'golden record x: unknown model lr' --verify "$work/unknown.json"
printf '{"space": "recsys", "models": []}' >"$work/models.json"
expect 3 'nothing that can be verified' --verify "$work/models.json"

# images: every case damages one file of a good folder
tiny_data "$work/data"
batches=$work/data/cifar-10-batches-bin
truth=$work/data/groundtruth/nb201.csv
table="--table 2 --task nb201-cf10 --warmup 0 --archs 2 --batches 2 --batch-size 4 --quiet"
expect 4 'needs real data' $table --out "$work/a"
expect 4 "$work/nowhere" $table --data "$work/nowhere" --out "$work/a"
cp "$batches/data_batch_2.bin" "$work/good"
truncate -s -1 "$batches/data_batch_2.bin"
expect 4 "data_batch_2.bin" $table --data "$work/data" --out "$work/a"
printf '\012' | cat - "$work/good" | head -c "$(wc -c <"$work/good")" >"$batches/data_batch_2.bin"
expect 4 "data_batch_2.bin.*label" $table --data "$work/data" --out "$work/a"
: >"$batches/data_batch_2.bin"
expect 4 "data_batch_2.bin" $table --data "$work/data" --out "$work/a"
rm "$batches/data_batch_2.bin"
expect 4 "data_batch_2.bin" $table --data "$work/data" --out "$work/a"
cp "$work/good" "$batches/data_batch_2.bin"

# ground truth
cp "$truth" "$work/truth"
sed '$s/.*/9,|none~0|/' "$work/truth" >"$truth"
expect 4 'nb201.csv' $table --data "$work/data" --out "$work/a"
{ cat "$work/truth"; sed -n 2p "$work/truth" | sed 's/^0,/8,/'; } >"$truth"
expect 4 'nb201.csv:10: architecture .* was named in line 2' $table --data "$work/data" --out "$work/a"
sed 's/^3,/2,/' "$work/truth" >"$truth"
expect 4 'nb201.csv:5: index 2 was used in line 4' $table --data "$work/data" --out "$work/a"
sed 's/91.5,91.5/high,91.5/' "$work/truth" >"$truth"
expect 4 "nb201.csv:2: cifar10_val 'high' is not a number" $table --data "$work/data" --out "$work/a"
sed 's/91.5,91.5/91.5,191.5/' "$work/truth" >"$truth"
expect 4 "nb201.csv:2: cifar10_test '191.5' is not a number" $table --data "$work/data" --out "$work/a"
sed 's/91.5,91.5/91.5,/' "$work/truth" >"$truth"
expect 4 'no test accuracy of architecture' $table --data "$work/data" --out "$work/a"
sed 's/cifar10_val/accuracy/' "$work/truth" >"$truth"
expect 4 "no column 'cifar10_val'" $table --data "$work/data" --out "$work/a"
sed '3s/~0|+|/~9|+|/' "$work/truth" >"$truth"
expect 4 'nb201.csv:3: nb201 architecture, character' $table --data "$work/data" --out "$work/a"
sed 1q "$work/truth" >"$truth"
expect 4 'nb201.csv names no architecture' ${table% --archs 2*} --data "$work/data" --out "$work/a"
rm "$truth"
expect 4 'nb201.csv' $table --data "$work/data" --out "$work/a"
cp "$work/truth" "$truth"
expect 2 '9 architectures asked for, nb201-cf10 has 8' $table --archs 9 --data "$work/data" --out "$work/a"

nb101="--table 2 --task nb101-cf10 --warmup 0 --archs 2 --batches 2 --batch-size 4 --quiet --data $work/data"
truth=$work/data/groundtruth/nb101.csv
cp "$truth" "$work/truth"
sed 's/,102,/,132,/' "$work/truth" >"$truth"
expect 4 'nb101.csv:3: nb101 architecture, character 13: expected the operation of vertex 2' $nb101 --out "$work/a"
sed 's/101101,11/101101,/' "$work/truth" >"$truth"
expect 4 'nb101.csv:2: ops is empty' $nb101 --out "$work/a"
cp "$work/truth" "$truth"
expect 2 'dedupe knows equal cells of nb201 only' $nb101 --proxy zico --dedupe --out "$work/a"

# lists of architectures
expect 4 "$work/none.txt" $table --archs "$work/none.txt" --data "$work/data" --out "$work/a"
printf '# one\n\nnot an architecture\n' >"$work/archs.txt"
expect 2 'line 3 of .*archs.txt: nb201 architecture, character 1' $table --archs "$work/archs.txt" --data "$work/data" --out "$work/a"
printf '%s\n' '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|' >"$work/archs.txt"
expect 4 'line 1 of .*archs.txt: no ground truth' $table --archs "$work/archs.txt" --data "$work/data" --out "$work/a"
printf '%s\n' "$six" "$six" >"$work/archs.txt"
expect 2 'line 2 of .*archs.txt: .* was named before' $table --archs "$work/archs.txt" --data "$work/data" --out "$work/a"
printf '# none\n' >"$work/archs.txt"
expect 2 'names no architecture' $table --archs "$work/archs.txt" --data "$work/data" --out "$work/a"

[ -e "$work/a" ] && fail "a run that could not start left a result folder"

# sizes
expect 2 'mini-batch of 71 images, cifar10 has 70' $table --batch-size 71 --data "$work/data" --out "$work/b"
expect 2 'a warm-up of 0.1 % takes 0 images' $table --warmup 0.1 --data "$work/data" --out "$work/c"
says 'hint: percent of the training images'
expect 2 'candidate warm-up' $table --warmup 10 --warmup-mode candidate --data "$work/data" --out "$work/c"

"$bench" --table 2 --task nb201-cf10 --warmup=-0 --archs 2 --data "$work/data" --dry-run >"$work/out" 2>"$work/err"
grep -q 'warm-up 0 %' "$work/out" || fail "minus zero percent is not 0 %"

# result folders
expect 2 'result folder has 1000 characters' $table --data "$work/data" --out "$(printf '%01000d' 0)"
expect 4 '/no/where' --table 2 --from /no/where
mkdir "$work/held"
printf 'something\n' >"$work/held/journal.jsonl"
expect 2 'holds a run already' $table --data "$work/data" --out "$work/held"
expect 2 'journal' $table --data "$work/data" --out "$work/held" --resume
[ "$(cat "$work/held/journal.jsonl")" = something ] || fail "a foreign journal was written over"
mkdir "$work/kept"
printf 'results\n' >"$work/kept/meta.json"
expect 2 'holds results without their journal' $table --data "$work/data" --out "$work/kept"
expect 2 'holds results without their journal' $table --data "$work/data" --out "$work/kept" --resume
[ "$(ls "$work/kept")" = meta.json ] && [ "$(cat "$work/kept/meta.json")" = results ] || fail "results without a journal were written over"
expect 4 '/proc/nowhere' $table --data "$work/data" --out /proc/nowhere
expect 4 'archs.txt' $table --data "$work/data" --out "$work/archs.txt/inside"
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 "$work/readonly"
    expect 4 'readonly' $table --data "$work/data" --out "$work/readonly/run"
fi

# a disk that fills up: no file may grow over 1 KiB in the first run, 512 bytes in the second
(ulimit -f 2 && "$bench" $table --archs 8 --data "$work/data" --out "$work/full") >"$work/out" 2>"$work/err"
[ $? -eq 4 ] || fail "a full disk is not exit 4"
says 'journal.jsonl'
[ "$(grep -c '^bench_sigeo: ' "$work/err")" -eq 1 ] || fail "a full disk is not one line"
"$bench" $table --archs 8 --data "$work/data" --out "$work/full" --resume >"$work/out" 2>"$work/err" || fail "no resuming after a full disk"
cksum "$work/full/scores.csv" "$work/full/table2.csv" "$work/full/meta.json" >"$work/before"
(ulimit -f 1 && "$bench" $table --archs 8 --data "$work/data" --out "$work/full" --resume) >"$work/out" 2>"$work/err"
[ $? -eq 4 ] || fail "a disk that is full at the end is not exit 4"
says 'scores.csv|table2.csv'
cksum "$work/full/scores.csv" "$work/full/table2.csv" "$work/full/meta.json" | cmp -s - "$work/before" ||
    fail "a full disk damaged the old results"
ls "$work/full" | grep -q 'tmp' && fail "a full disk left a temporary file"
if [ -w /dev/full ]; then
    "$bench" --list tasks >/dev/full 2>"$work/err"
    [ $? -eq 4 ] || fail "a standard output that is full is not exit 4"
fi

echo "$cases bad inputs, $failures failures"
[ "$failures" -eq 0 ]
