# A committed table as a few lines of Markdown.
# usage: awk -v section=table1|table2|table4|figure3|speed -f readme.awk FILE.csv

BEGIN { FS = "," }
FNR == 1 {
    for (i = 1; i <= NF; i++) at[$i] = i
    next
}

# A name's place in a list of its own, in the order of the file.
function note(list, name) {
    if (!((list, name) in known)) {
        known[list, name] = 1
        names[list, ++count[list]] = name
    }
}

function field(name) { return $at[name] }

# Three decimals, and behind them the paper's two.
function numbers(value, paper) {
    return (value == "" ? "-" : sprintf("%.3f", value)) (paper == "" ? "" : sprintf(" (%.2f)", paper))
}

# One cell, by row and column.
function keep(row, column, text) {
    note("row", row)
    note("column", column)
    cell[row, column] = text
}

# table 1: the first seed's rows against validation accuracy, or test where there is no other.
section == "table1" && field("statistic") == "spearman" && field("scores") != "stored" && field("warmup_percent") == 0 {
    task = field("task")
    if (task in truth && truth[task] != field("truth") || (field("proxy"), task) in seen) next
    truth[task] = field("truth")
    seen[field("proxy"), task] = 1
    keep(field("proxy"), task " " field("truth"), numbers(field("value"), field("paper_value")))
    if (field("n_archs") > n[task " " field("truth")]) n[task " " field("truth")] = field("n_archs")
    stand_in[task " " field("truth")] = field("data") == "stand-in"
}

# table 2: the readings of SiGeo, and what each gains over ZiCo on the same architectures.
section == "table2" && field("statistic") ~ /^spearman(_gain_over_zico)?$/ && field("proxy") ~ /^(zico|sigeo-)/ {
    task = field("task")
    if (task in truth && truth[task] != field("truth")) next
    truth[task] = field("truth")
    row = task " " field("truth") (field("data") == "stand-in" ? ", stand-in" : "") \
        (field("warmup_mode") == "candidate" ? ", candidate" : "") (field("seeds") > 1 ? ", " field("seeds") " seeds" : "") \
        ("arithmetic" in at && field("arithmetic") != "f32" ? ", " field("arithmetic") : "") ", n=" field("n_archs") ", " field("warmup_percent") " %"
    if (field("statistic") == "spearman") keep(row, field("proxy"), numbers(field("value"), field("paper_value")))
    else keep(row, field("proxy") " over zico", sprintf("%+.3f [%+.3f, %+.3f]", field("value"), field("ci_low"), field("ci_high")))
}

# table 4: the paper's weights at its levels.
section == "table4" && field("statistic") == "spearman" && field("truth") == "val" && field("proxy") ~ /^sigeo/ \
    && field("warmup_percent") ~ /^(10|20|40)$/ && field("seeds") == 1 {
    weights = "(" field("lambda1") "," field("lambda2") "," field("lambda3") ")"
    keep(field("task") ", " field("proxy") " " weights, field("warmup_percent") " %",
         numbers(field("value"), field("paper_value")))
}

# figure 3: what the paper has, statistics against test loss.
section == "figure3" && field("correlation") == "spearman" && field("target") == "test_loss" {
    keep(field("statistic") ", " field("protocol") ", " field("gradients"), field("warmup_percent") " %",
         numbers(field("value"), field("paper_value")))
}

# speed: ratios to the peer, with intervals over architectures.
section == "speed" && field("phase") == "steady" {
    keep(field("group") ", " field("n"), "style " field("style"),
         sprintf("%.2f [%.2f, %.2f]", field("ratio"), field("ci_low"), field("ci_high")))
}

END {
    head = section == "table1" ? "proxy" : section == "table2" ? "task, warm-up" : section == "table4" ? "task, weights" \
        : section == "speed" ? "cells" : "statistic, protocol, gradients"
    line = "| " head " |"
    rule = "|---|"
    for (c = 1; c <= count["column"]; c++) {
        column = names["column", c]
        line = line " " column (section == "table1" ? ", n=" n[column] (stand_in[column] ? ", stand-in" : "") : "") " |"
        rule = rule "---|"
    }
    print line
    print rule
    for (r = 1; r <= count["row"]; r++) {
        row = names["row", r]
        line = "| " row " |"
        for (c = 1; c <= count["column"]; c++) {
            column = names["column", c]
            line = line " " ((row, column) in cell ? cell[row, column] : "-") " |"
        }
        print line
    }
}
