# Killing a run at a moment that its files show, for tests of --resume.
# usage: . kills.sh, where $work, fail and $launch (exec for a run in the background) are there

kills=0

# lines FILE...: of those that are there
lines() {
    cat "$@" 2>/dev/null | wc -l
}

# kill_when WHERE CONDITION COMMAND ARGUMENT...: kill the command as soon as the shell code holds; it is not over by then
kill_when() {
    where=$1
    condition=$2
    shift 2
    launch=exec
    "$@" >"$work/stdout" 2>"$work/log" &
    process=$!
    launch=
    until eval "$condition" || [ ! -e "/proc/$process/exe" ]; do
        sleep 0.05
    done
    kill -9 $process 2>/dev/null
    wait $process 2>/dev/null
    [ $? -eq 137 ] && eval "$condition" || fail "the run was over before it could be killed in its $where"
    kills=$((kills + 1))
}
