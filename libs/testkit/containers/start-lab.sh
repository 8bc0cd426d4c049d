# Starts the lab in a control group of its own below the caller's, so that nothing it does shows outside of it. Called as
# `sh start-lab.sh NAME ENTER-ROOT.SH ROOT WORK PROGRAM ARGUMENT...`; prints the folders of its groups, then an empty line.
set -e
name=$1
shift
while IFS=: read -r _ controllers path; do
    case $controllers in
    name=*) hierarchy=/sys/fs/cgroup/${controllers#name=} ;;
    '') hierarchy=$([ -e /sys/fs/cgroup/cgroup.controllers ] && echo /sys/fs/cgroup || echo /sys/fs/cgroup/unified) ;;
    *) hierarchy=/sys/fs/cgroup/$controllers ;;
    esac
    parent=$hierarchy${path%/}
    [ -e "$parent/cgroup.procs" ] || continue
    # What a lab left that was killed: an hour old and without a process.
    find "$parent" -maxdepth 1 -name 'ballast-lab-*' -mmin +60 | while read -r old; do
        [ -n "$(find "$old" -name cgroup.procs -exec cat {} +)" ] || find "$old" -depth -type d -exec rmdir {} \;
    done
    mkdir "$parent/$name"
    echo "$parent/$name"
    if [ "$controllers" = cpuset ]; then
        # A new group of this controller has nothing, and a group with nothing takes no process.
        for file in cpuset.cpus cpuset.mems; do cat "$parent/$file" >"$parent/$name/$file"; done
    fi
    echo $$ >"$parent/$name/cgroup.procs"
done </proc/self/cgroup
echo
exec setpriv --pdeathsig KILL unshare --mount --net --pid --ipc --uts --cgroup --fork --kill-child sh "$@"
