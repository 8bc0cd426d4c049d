# Makes a folder the root of a new set of namespaces and becomes a program in it. Called by `unshare` as
# `sh enter-root.sh ROOT WORK PROGRAM ARGUMENT...`: WORK has what may be written, `run` and `var`. Nothing of the host is
# left to see but its devices.
set -e
root=$1
work=$2
shift 2
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount --bind "$work/run" "$root/run"
mount --bind "$work/var" "$root/var"
# A disk that is soon full.
[ -z "$LAB_DISK_BYTES" ] || mount -t tmpfs -o "size=$LAB_DISK_BYTES" tmpfs "$root/var/lib/containerd"
mount -t tmpfs tmpfs "$root/tmp"
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    # Version 2 has no processes beside controlled groups: this one gets a group of its own.
    mkdir "$root/sys/fs/cgroup/init"
    echo $$ >"$root/sys/fs/cgroup/init/cgroup.procs"
    for controller in $(cat "$root/sys/fs/cgroup/cgroup.controllers"); do
        echo "+$controller" >"$root/sys/fs/cgroup/cgroup.subtree_control"
    done
else
    mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
    while IFS=: read -r _ controllers _; do
        case $controllers in
        '' | name=*) ;;
        *)
            mkdir "$root/sys/fs/cgroup/$controllers"
            mount -t cgroup -o "$controllers" cgroup "$root/sys/fs/cgroup/$controllers"
            ;;
        esac
    done </proc/self/cgroup
fi
mkdir "$root/tmp/host"
cd "$root"
pivot_root . tmp/host
umount -l /tmp/host
exec "$@"
