#!/bin/sh
# Figures 1 and 4 on generated rows. In the folder of a table 3, killed in its searches and in its trainings and resumed,
# figure 4 gives the bytes of an undisturbed run of its own and trains nothing that is there; its points of SiGeo are
# those of that table; figure 1 has that table's numbers.
# usage: figures.sh BENCH_SIGEO
set -u
bench=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SIGEO_DATA SIGEO_ISA SIGEO_WORKERS
launch= # exec for a run in the background, so that its process is the program
. "$(dirname "$0")/kills.sh"
sizes='--preset smoke --task kdd12 --proxy sigeo-nasrec --batches 2 --batch-size 8 --quiet'

fail() {
    echo "FAIL: $*"
    cat "$work/log"
    exit 1
}

figure4() {
    out=$1
    shift
    $launch "$bench" --figure 4 $sizes --out "$work/$out" "$@"
}

# --- figure 4 ---

figure4 whole --dry-run >"$work/stdout" 2>"$work/log" || fail "a dry run"
grep -q 'kdd12: 4 searches of 48 evaluations, 0 of them done; 8 trainings' "$work/stdout" || fail "the plan of figure 4"
[ ! -e "$work/whole" ] || fail "a dry run left a folder"
figure4 whole --workers 2 >"$work/stdout" 2>"$work/log" || fail "the undisturbed run"
rm -r "$work/whole/checkpoints" # of 1.7 gigabytes
[ "$(wc -l <"$work/whole/figure4.csv")" -eq 9 ] || fail "figure4.csv has not two models of each of four searches"
[ "$(grep -c '^4,KDD Cup 2012,NASRec-.*,FR only,sigeo-nasrec,0,1,1,1,' "$work/whole/figure4.csv")" -eq 4 ] || fail "no points of FR only"
[ "$(grep -c ',yes,ok,' "$work/whole/figure4.csv")" -eq 4 ] || fail "not one model of each search is chosen"
[ "$(grep -c ' SiGeo, p ' "$work/stdout")" -eq 2 ] || fail "the boxes are not printed"
grep -q '"data": "generated"' "$work/whole/meta.json" || fail "meta.json does not say that rows are generated"
"$bench" --figure 4 --from "$work/whole" >"$work/again" 2>"$work/log" || fail "printing from a folder"
cmp -s "$work/stdout" "$work/again" || fail "--from prints another figure"

# --- table 3 and its figures ---

"$bench" --table 3 $sizes --warmup 1 --seeds 1 --out "$work/table" >"$work/stdout" 2>"$work/log" || fail "a table 3"
"$bench" --figure 4 --from "$work/table" >"$work/stdout" 2>"$work/log" && fail "figure 4 is made without a place for it"
grep -q 'has no figure4.csv' "$work/log" || fail "what is missing is not named"
"$bench" --figure 4 --task kdd12 --from "$work/table" --out "$work/made" >"$work/stdout" 2>"$work/log" || fail "figure 4 from a table 3"
grep -v ',FR only,' "$work/whole/figure4.csv" | cmp -s - "$work/made/figure4.csv" || fail "figure 4 from a table 3 has other points"
cp "$work/table/models.csv" "$work/models.csv"
figure4 table >"$work/stdout" 2>"$work/log" && fail "a run was started over without --resume"
before=$(wc -l <"$work/table/journal.jsonl")
kill_when searches '[ "$(lines "$work"/table/searches/*-l0-1-1-*/journal.jsonl)" -gt 10 ]' figure4 table --resume --workers 2
ls "$work"/table/searches/*-l0-1-1-*/search_best.csv >"$work/found" 2>/dev/null
[ "$(lines "$work/found")" -lt 2 ] || fail "the first kill was behind the searches"
kill_when trainings '[ "$(ls "$work"/table/searches/*-l0-1-1-*/search_best.csv 2>/dev/null | wc -l)" -eq 2 ]' \
    figure4 table --resume --workers 2
[ ! -e "$work/table/figure4.csv" ] || fail "the second kill was behind the trainings"
figure4 table --resume --workers 1 >"$work/stdout" 2>"$work/log" || fail "figure 4 in the folder of a table 3, after $kills kills"
cmp -s "$work/whole/figure4.csv" "$work/table/figure4.csv" || fail "figure 4 in the folder of a table 3 differs"
trained=$(($(wc -l <"$work/table/journal.jsonl") - before))
[ "$trained" -gt 0 ] && [ "$trained" -le 4 ] || fail "figure 4 trained $trained models, not what the table lacked"
grep -vFxf "$work/table/models.csv" "$work/models.csv" && fail "figure 4 lost models of the table"
"$bench" --figure 4 --task kdd12 --from "$work/table" --out "$work/anew" >"$work/stdout" 2>"$work/log" ||
    fail "figure 4 from a table 3 beside a figure 4"
cmp -s "$work/whole/figure4.csv" "$work/anew/figure4.csv" || fail "figure 4 made anew has other points"

"$bench" --figure 1 --from "$work/table" --out "$work/one" >"$work/stdout" 2>"$work/log" || fail "figure 1 from a table 3"
[ "$(grep -c '^1,KDD Cup 2012,sub-one-shot,1,SiGeo,NASRec-.*,sigeo-nasrec,0\..*,generated$' "$work/one/figure1.csv")" -eq 2 ] ||
    fail "figure 1 has not the two searches of the table"
value=$(grep '^3,sub-one-shot,1,[^,]*,SiGeo,NASRec-Small,KDD Cup 2012,log_loss,' "$work/table/table3.csv" | cut -d, -f9)
grep -q "^1,KDD Cup 2012,sub-one-shot,1,SiGeo,NASRec-Small,sigeo-nasrec,$value," "$work/one/figure1.csv" || fail "figure 1 has another value"
grep -q '/table3.csv": "[0-9a-f]\{64\}"' "$work/one/meta.json" || fail "meta.json does not say what figure 1 was made of"
"$bench" --figure 1 --from "$work/table" --out "$work/one" >"$work/again" 2>"$work/log"
[ $? -eq 2 ] || fail "figure 1 was written over"
"$bench" --figure 1 $sizes --warmup 1 --seeds 1 --out "$work/table" --resume >"$work/again" 2>"$work/log" || fail "figure 1 with its run"
cmp -s "$work/stdout" "$work/again" || fail "the run prints another figure 1"
cmp -s "$work/one/figure1.csv" "$work/table/figure1.csv" || fail "the run writes another figure 1"

# --- a table 3b in the same folder ---

printf 'kdd-small\ncriteo-small\n' >"$work/archs"
"$bench" --table 3b --preset smoke --task kdd12 --archs "$work/archs" --warmup 0 --proxy params --quiet --out "$work/table" --resume \
    >"$work/stdout" 2>"$work/log" || fail "a table 3b in the folder of a table 3"
grep -vFxf "$work/table/models.csv" "$work/models.csv" && fail "table 3b lost models of the table"
grep -q '^kdd12,"nasrec-small .*",1,' "$work/table/models.csv" || fail "models.csv has no second seed of table 3b"
echo "figures 1 and 4, after $kills kills and beside a table 3: the same bytes"
