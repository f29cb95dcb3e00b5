# Sourced by the tests of the command line: a data folder in the public formats, small enough for a run of seconds.

# tiny_records FIRST COUNT: CIFAR-10 records on stdout, labels in turn, pixels from a fixed text
tiny_records() {
    record=$1
    while [ "$record" -lt $(($1 + $2)) ]; do
        printf "\\$(printf %03o $((record % 10)))"
        seq $((record * 7919 + 1000)) $((record * 7919 + 2000)) | head -c 3072
        record=$((record + 1))
    done
}

# tiny_data DIR: 100 training and 20 test images, ground truth of eight architectures
# of NAS-Bench-201 and two of NAS-Bench-101
tiny_data() {
    mkdir -p "$1/cifar-10-batches-bin" "$1/groundtruth"
    for batch in 1 2 3 4 5; do
        tiny_records $((batch * 20)) 20 >"$1/cifar-10-batches-bin/data_batch_$batch.bin"
    done
    tiny_records 200 20 >"$1/cifar-10-batches-bin/test_batch.bin"
    {
        echo 'naslib_idx,arch,cifar10_val,cifar10_test'
        tiny_truth 0 nor_conv_3x3 nor_conv_1x1 skip_connect 91.5
        tiny_truth 1 skip_connect nor_conv_3x3 none 88.25
        tiny_truth 2 avg_pool_3x3 skip_connect nor_conv_1x1 70
        tiny_truth 3 nor_conv_1x1 none skip_connect 84.75
        tiny_truth 4 none skip_connect nor_conv_3x3 80.5
        tiny_truth 5 nor_conv_1x1 nor_conv_1x1 nor_conv_1x1 86
        tiny_truth 6 skip_connect avg_pool_3x3 avg_pool_3x3 55.5
        tiny_truth 7 nor_conv_3x3 nor_conv_3x3 nor_conv_3x3 93
    } >"$1/groundtruth/nb201.csv"
    {
        echo 'n_vertices,adj_upper,ops,test_acc,naslib_idx,mparams'
        echo '4,101101,11,90.5,,20.346506'
        echo '5,1100111111,102,88.25,7,1.750321'
    } >"$1/groundtruth/nb101.csv"
}

# tiny_truth INDEX OP OP OP ACCURACY: one row; the test accuracy equals the validation accuracy
tiny_truth() {
    echo "$1,|$2~0|+|$3~0|$4~1|+|$4~0|$2~1|$3~2|,$5,$5"
}
