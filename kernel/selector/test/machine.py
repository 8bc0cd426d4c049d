"""Runs the selector under OVMF in QEMU, and judges by the console and by the partition table it leaves behind.

usage: machine.py OUT [NAME...]      OUT is the folder that `make efi payloads esp` wrote to

Each case is a disk (partition table made here, so that any bit can be set), a QEMU run, and what must hold afterwards."""
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib

OUT = sys.argv[1]
OVMF = os.environ.get("OVMF", "/usr/share/OVMF")
ESP_TYPE, BOOT_TYPE = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "6b636168-7420-6568-2070-6c616e657421"
ROOT_TYPE = "5526016a-1a97-4ea4-b39a-b7c8c6ca4502"
MIB = 1 << 20
GUID = {n: uuid.UUID(f"0000000{n}-aaaa-4bbb-8ccc-dddddddddddd") for n in range(1, 10)}


class Disk:
    """ESP is partition 1, slot A partition 2, slot B partition 5. A slot is (priority, tries, successful, content)."""

    def __init__(self, path, a, b, sector=512, esp=None, grown=0, backup_bits=None):
        self.path, self.sector, self.sectors = path, sector, 128 * MIB // sector
        parts = {1: (ESP_TYPE, 1, 68, 0), 2: (BOOT_TYPE, 70, 16, a), 3: (ROOT_TYPE, 86, 1, 0), 5: (BOOT_TYPE, 90, 16, b)}
        self.file = open(path, "w+b")
        self.file.truncate(128 * MIB + grown * MIB)
        self.last = self.sectors - 1
        self.table_sectors = 16384 // sector
        # Protective MBR; UEFI 2.10, 5.2.3.
        mbr = bytearray(512)
        mbr[446:462] = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, self.last)
        mbr[510:512] = b"\x55\xaa"
        self.at(0, mbr)
        table = bytearray(16384)
        for n, (kind, start, size, slot) in parts.items():
            first, count = start * MIB // sector, size * MIB // sector
            entry = uuid.UUID(kind).bytes_le + GUID[n].bytes_le + struct.pack("<QQQ", first, first + count - 1, self.bits(slot))
            table[128 * (n - 1) : 128 * (n - 1) + len(entry)] = entry
            if slot and slot[3]:
                self.at(first, slot[3])
        self.write_copy(table, 1, self.last, 2)
        if backup_bits is not None:  # a writer was interrupted between the two copies
            table[128 * 4 + 48 : 128 * 4 + 56] = struct.pack("<Q", self.bits(backup_bits))
        self.write_copy(table, self.last, 1, self.last - self.table_sectors)
        with open(esp or f"{OUT}/esp/selector-{sector}.img", "rb") as f:
            self.at(MIB // sector, f.read())
        self.file.close()

    @staticmethod
    def bits(slot):
        return slot[0] << 48 | slot[1] << 52 | slot[2] << 56 if slot else 0

    def at(self, lba, data):
        self.file.seek(lba * self.sector)
        self.file.write(data)

    def write_copy(self, table, mine, other, table_lba):
        first, last = 2 + self.table_sectors, self.last - self.table_sectors - 1
        header = bytearray(struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, 0, 0, mine, other, first, last,
                                       GUID[9].bytes_le, table_lba, 128, 128, zlib.crc32(table)))
        struct.pack_into("<I", header, 16, zlib.crc32(header))
        self.at(table_lba, table)
        self.at(mine, header)

    def read_copy(self, lba):
        """(priority, tries, successful) of A and B, or None if this copy is not valid."""
        with open(self.path, "rb") as f:
            f.seek(lba * self.sector)
            header = bytearray(f.read(92))
            (crc,), (table_lba, table_crc) = struct.unpack_from("<I", header, 16), struct.unpack_from("<Q8xI", header, 72)
            struct.pack_into("<I", header, 16, 0)
            f.seek(table_lba * self.sector)
            table = f.read(16384)
        if header[:8] != b"EFI PART" or zlib.crc32(header) != crc or zlib.crc32(table) != table_crc:
            return None
        slots = []
        for n in (2, 5):
            (bits,) = struct.unpack_from("<Q", table, 128 * (n - 1) + 48)
            slots.append((bits >> 48 & 15, bits >> 52 & 15, bits >> 56 & 1))
        return slots


def run(disk, smbios=(), readonly=False, second=None, timeout=60,
        code="OVMF_CODE_4M.fd", variables=f"{OVMF}/OVMF_VARS_4M.fd", machine="q35"):
    """Console text and QEMU's exit status; a reset ends QEMU as well as switching off."""
    folder = os.path.dirname(disk.path)
    shutil.copy(variables, f"{folder}/vars.fd")
    command = ["qemu-system-x86_64", "-machine", *machine.split(), "-accel", "tcg,thread=multi", "-cpu", "max", "-m", "512",
               "-display", "none", "-no-reboot", "-nodefaults", "-serial", "stdio", "-net", "none",
               "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={OVMF}/{code}",
               "-drive", f"if=pflash,format=raw,unit=1,file={folder}/vars.fd",
               "-drive", f"if=none,id=d,format=raw,file={disk.path}" + (",readonly=on" if readonly else ""),
               "-device", f"virtio-blk-pci,drive=d,logical_block_size={disk.sector},physical_block_size={disk.sector}"]
    if second:
        command += ["-drive", f"if=none,id=e,format=raw,file={second.path}", "-device", "virtio-blk-pci,drive=e,bootindex=2"]
        command[-5] += ",bootindex=1"
    for value in smbios:
        command += ["-smbios", f"type=11,value={value}"]
    started = time.time()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    # Screen control sequences; then the lines with something in them.
    text = re.sub(r"\x1b\[[0-9;=?]*[A-Za-z]", "", done.stdout.decode("latin-1"))
    return [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()], done.returncode, time.time() - started


def content(name):
    with open(f"{OUT}/payloads/{name}", "rb") as f:
        return f.read()


CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


class Failed(Exception):
    pass


class Judge:
    def __init__(self, folder):
        self.folder, self.lines = folder, []

    def disk(self, a, b, **options):
        self.the_disk = Disk(f"{self.folder}/disk.img", a, b, **options)
        return self.the_disk

    def run(self, again=False, **options):
        """`again`: with the firmware's variables as the run before left them."""
        if again:
            shutil.copy(f"{self.folder}/vars.fd", f"{self.folder}/kept.fd")
            options["variables"] = f"{self.folder}/kept.fd"
        self.lines, self.status, self.seconds = run(self.the_disk, **options)

    def says(self, *texts):
        for text in texts:
            if not any(text in line for line in self.lines):
                raise Failed(f"the console does not say {text!r}")

    def silent(self, *texts):
        for text in texts:
            if any(text in line for line in self.lines):
                raise Failed(f"the console says {text!r}")

    def bits(self, a, b, primary=1, backup=None):
        """Both copies valid, equal and with these bits, and sgdisk finds nothing wrong."""
        for name, lba in ("primary", primary), ("backup", backup or self.the_disk.last):
            found = self.the_disk.read_copy(lba)
            if found != [a, b]:
                raise Failed(f"the {name} partition table has {found}, not {[a, b]}")
        if self.the_disk.sector == 512 and shutil.which("sgdisk"):
            report = subprocess.run(["sgdisk", "--verify", self.the_disk.path], capture_output=True, text=True).stdout
            if "No problems found" not in report and os.path.getsize(self.the_disk.path) == 128 * MIB:
                raise Failed(f"sgdisk finds problems: {report}")


@case
def proven_slot(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (0, 0, 0, None))
    j.run()
    j.says("ballast-selector: slot A (partition 2): priority 1, tries 6 left", "PAYLOAD [A]", "DEVICE [none]", "OPTIONS []",
           "INFO [ballast-selector 3/6]", f"UUID [{GUID[2]}/6]", "TRIAL []", "SKIPPED []")
    if sum("ballast-selector:" in line for line in j.lines) != 1:
        raise Failed("the selector says more than one line")
    j.bits((1, 6, 1), (0, 0, 0))


@case
def new_slot_first(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")))
    j.run()
    j.says("slot B (partition 5): priority 2, tries 1 left, on trial", "PAYLOAD [B]", f"UUID [{GUID[5]}/6]", "TRIAL [1/6]", "SKIPPED []")
    j.silent("PAYLOAD [A]")
    j.bits((1, 7, 1), (2, 1, 0))
    j.run()
    j.says("slot B (partition 5): priority 2, tries 0 left", "PAYLOAD [B]")
    j.run()
    j.says("slot A (partition 2): priority 1, tries 6 left", "PAYLOAD [A]")
    j.bits((1, 6, 1), (2, 0, 0))


@case
def rotten_slot_gives_way(j):
    j.disk((2, 0, 1, content("payload-A.efi")), (1, 7, 1, content("payload-B.efi")))
    j.run()
    j.says("PAYLOAD [B]")
    j.bits((2, 0, 1), (1, 6, 1))


@case
def noise_is_skipped(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, os.urandom(4096)))
    j.run()
    j.says("slot B (partition 5) skipped: it holds no PE image", "PAYLOAD [A]", "TRIAL []", f"SKIPPED [{GUID[5]} it holds no PE image/6]")
    j.bits((1, 6, 1), (2, 1, 0))


@case
def no_trial_without_another_slot(j):
    """Both are unproven: B, of noise, is behind us, so nothing may reset the machine to get another slot."""
    j.disk((1, 2, 0, content("payload-A.efi")), (2, 2, 0, os.urandom(4096)))
    j.run()
    j.says("slot A (partition 2): priority 1, tries 1 left", "PAYLOAD [A]", "TRIAL []")
    j.silent("on trial")


@case
def last_resort(j):
    j.disk((0, 0, 1, content("payload-A.efi")), (3, 0, 0, os.urandom(4096)))
    j.run()
    j.says("slot B (partition 5) skipped", "slot A (partition 2) as a last resort: priority 0, tries 0 left", "PAYLOAD [A]")
    j.bits((0, 0, 1), (3, 0, 0))


@case
def comes_back(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-BACK.efi")))
    j.run()
    j.says("PAYLOAD [BACK]", "TRIAL [1/6]", "slot B (partition 5) skipped: it came back: firmware status 1", "PAYLOAD [A]")
    j.says(f"SKIPPED [{GUID[5]} it came back: firmware status 1/6]")
    if sum("TRIAL []" in line for line in j.lines) != 1:
        raise Failed("A, which is proven, was started on trial")
    j.bits((1, 6, 1), (2, 1, 0))


@case
def nothing_loads(j):
    j.disk((1, 7, 1, None), (2, 2, 0, None))
    j.run()
    j.says("starting a slot failed: none could be started", "resetting the machine in 10 seconds")


@case
def interrupted_write(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), backup_bits=(2, 1, 0))
    j.run()
    j.says("the backup partition table is not the same as the primary: written anew", "PAYLOAD [B]")
    j.bits((1, 7, 1), (2, 1, 0))


def wrecked(number, what):
    def body(j):
        j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), esp=f"{OUT}/esp/wreck-{number}-512.img")
        j.run()
        j.says("WRECKED", f"the {what} partition table is damaged: written anew",
               "slot B (partition 5): priority 2, tries 1 left", "PAYLOAD [B]")
        j.bits((1, 7, 1), (2, 1, 0))
    return body


for number, what in (1, "backup"), (2, "primary"), (4, "primary"), (8, "backup"):
    CASES[f"wrecked_{number}"] = wrecked(number, what)


def both_wrecked(number):
    def body(j):
        j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), esp=f"{OUT}/esp/wreck-{number}-512.img")
        j.run()
        j.says("reading the partition table failed: both copies are damaged", "resetting the machine in 10 seconds")
        j.silent("PAYLOAD")
    return body


for number in (3, 12):
    CASES[f"both_wrecked_{number}"] = both_wrecked(number)


@case
def grown_disk(j):
    """The backup stays where it was, before the new end."""
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), grown=64, esp=f"{OUT}/esp/wreck-1-512.img")
    j.run()
    j.says("the backup partition table is damaged: written anew", "PAYLOAD [B]")
    j.bits((1, 7, 1), (2, 1, 0))


@case
def another_disk(j):
    """A second disk with the same GUIDs, a better slot and a damaged backup stays as it is, bit for bit."""
    other = Disk(f"{j.folder}/other.img", (1, 7, 1, content("payload-A.efi")), (9, 9, 1, content("payload-B.efi")), backup_bits=(3, 3, 0))
    with open(other.path, "rb") as f:
        before = f.read()
    j.disk((1, 7, 1, content("payload-A.efi")), (0, 0, 0, None))
    j.run(second=other)
    j.says("slot A (partition 2): priority 1, tries 6 left", "PAYLOAD [A]")
    j.bits((1, 6, 1), (0, 0, 0))
    with open(other.path, "rb") as f:
        if f.read() != before:
            raise Failed("the other disk was written to")


@case
def sectors_of_4096(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), sector=4096)
    j.run()
    j.says("slot B (partition 5): priority 2, tries 1 left", "PAYLOAD [B]")
    j.bits((1, 7, 1), (2, 1, 0))


@case
def sectors_of_4096_wrecked(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), sector=4096, esp=f"{OUT}/esp/wreck-1-4096.img")
    j.run()
    j.says("the backup partition table is damaged: written anew", "PAYLOAD [B]")
    j.bits((1, 7, 1), (2, 1, 0))


@case
def read_only_disk(j):
    j.disk((1, 7, 1, content("payload-A.efi")), (2, 2, 0, content("payload-B.efi")))
    j.run(readonly=True)
    j.says("slot B (partition 5) skipped: it is unproven, and its try could not be written",
           "slot A (partition 2): taking a try failed", "PAYLOAD [A]")
    j.bits((1, 7, 1), (2, 2, 0))


EVIL = "io.systemd.stub.kernel-cmdline-extra=root=/dev/evil"


def smbios_entry(machine):
    def body(j):
        j.disk((1, 7, 1, content("uki.efi")), (0, 0, 0, None))
        j.run(smbios=("first", EVIL, "last"), machine=machine)
        j.says("PAYLOAD [kernel]", "OPTIONS [root=/dev/good quiet]", "STUB [systemd-stub", f"UUID [{GUID[2]}/6]")
        j.silent("evil", "addon")
    return body


CASES["smbios_3"] = smbios_entry("q35,smbios-entry-point-type=64")
CASES["smbios_2"] = smbios_entry("q35,smbios-entry-point-type=32")


@case
def smbios_control(j):
    """Shows that the case above can fail: the same image, started by the firmware itself, takes the string and an add-on."""
    j.disk((1, 7, 1, content("uki.efi")), (0, 0, 0, None), esp=f"{OUT}/esp/uki-512.img")
    j.run(smbios=("first", EVIL, "last"))
    j.says("PAYLOAD [kernel]", "root=/dev/evil", "from-addon")


def asks(j, name, secure=None, image="roomy.efi"):
    """A disk whose machine once asked for the parameters `name`, as the Makefile has them."""
    take, esp = (signed, "signed-asks") if secure else (content, "asks")
    j.disk((1, 7, 1, take(image)), (0, 0, 0, None), esp=f"{OUT}/esp/{esp}-{name}-512.img")
    j.run(**(secure or {}))
    j.says("ASKED", "PAYLOAD [kernel]")


GIVEN = "OPTIONS [root=/dev/good quiet ballast.parameters hugepages=64 nosmt=force]"
NOT_GIVEN = "OPTIONS [root=/dev/good quiet ballast.parameters]"


def tried_once(j, secure=None):
    asks(j, "new", secure)
    j.says(GIVEN, "PARAMETERS [trying/6]", "PROVING [1/6]", "tries 6 left, parameters trying")
    for _ in range(2):
        j.run(again=True, **(secure or {}))
        j.says(NOT_GIVEN, "PARAMETERS [failed/6]", "PROVING []")


def proven_are_given(j, secure=None):
    asks(j, "proven", secure)
    for _ in range(2):
        j.says(GIVEN, "PARAMETERS [proven/6]", "PROVING []")
        j.run(again=True, **(secure or {}))
        j.silent("ASKED")


CASES["parameters_are_tried_once"] = tried_once
CASES["parameters_that_are_proven"] = proven_are_given


@case
def parameters_that_are_forbidden(j):
    for name in "evil", "long":
        asks(j, name)
        j.says(NOT_GIVEN, "PARAMETERS [forbidden/6]", "PROVING []")
        j.silent("/dev/evil")


@case
def parameters_without_room(j):
    asks(j, "proven", image="uki.efi")
    j.says("OPTIONS [root=/dev/good quiet]", "PARAMETERS [no-room/6]", "PROVING []")


# The variable store with the keys enrolled; whoever calls makes it with virt-fw-vars.
SECURE = dict(code="OVMF_CODE_4M.secboot.fd", variables=f"{OUT}/secure-vars.fd",
              machine="q35,smm=on -global driver=cfi.pflash01,property=secure,value=on")


def signed(name):
    with open(f"{OUT}/signed/{name}", "rb") as f:
        return f.read()


def secure_case(function):
    if os.path.exists(SECURE["variables"]):
        case(function)


@secure_case
def secure_signed(j):
    """The rest of the partition is noise, as after an update by a shorter image: only the exact length is accepted."""
    j.disk((1, 7, 1, signed("payload-A.efi")), (2, 2, 0, signed("payload-B.efi") + os.urandom(1 << 20)), esp=f"{OUT}/esp/signed-512.img")
    j.run(**SECURE)
    j.says("slot B (partition 5): priority 2, tries 1 left", "PAYLOAD [B]")


@secure_case
def secure_unsigned_is_refused(j):
    j.disk((1, 7, 1, signed("payload-A.efi")), (2, 2, 0, content("payload-B.efi")), esp=f"{OUT}/esp/signed-512.img")
    j.run(**SECURE)
    j.says("slot B (partition 5) skipped: the firmware refused to load its image: Secure Boot does not accept its signature", "PAYLOAD [A]",
           f"SKIPPED [{GUID[5]} the firmware refused to load its image: Secure Boot does not accept its signature/6]")
    j.silent("PAYLOAD [B]")


@secure_case
def secure_changed_is_refused(j):
    image = bytearray(signed("payload-B.efi"))
    image[0x800] ^= 1
    j.disk((1, 7, 1, signed("payload-A.efi")), (2, 2, 0, bytes(image)), esp=f"{OUT}/esp/signed-512.img")
    j.run(**SECURE)
    j.says("Secure Boot does not accept its signature", "PAYLOAD [A]")
    j.silent("PAYLOAD [B]")


@secure_case
def secure_smbios(j):
    j.disk((1, 7, 1, signed("uki.efi")), (0, 0, 0, None), esp=f"{OUT}/esp/signed-512.img")
    j.run(smbios=("first", EVIL, "last"), **SECURE)
    j.says("PAYLOAD [kernel]", "OPTIONS [root=/dev/good quiet]")
    j.silent("evil", "addon")


@secure_case
def secure_parameters(j):
    """Where LoadOptions are ignored, too; the image is checked before it is written to."""
    tried_once(j, SECURE)
    proven_are_given(j, SECURE)


@secure_case
def secure_enrol_and_revoke(j):
    """The firmware takes our signed updates and no others, boots what db signed, and not the image whose hash is in dbx."""
    j.disk((1, 7, 1, None), (0, 0, 0, None), esp=f"{OUT}/esp/enrol-512.img")
    j.run(**{**SECURE, "variables": f"{OVMF}/OVMF_VARS_4M.fd"})
    done, refused = ("db", "KEK", "PK", "dbx", "dbx again"), ("db of others", "dbx of others")
    j.says(*(f"ENROL [{name}: done]" for name in done), *(f"ENROL [{name}: refused" for name in refused))
    enrolled = f"{j.folder}/enrolled.fd"
    shutil.copy(f"{j.folder}/vars.fd", enrolled)
    j.disk((1, 7, 1, signed("payload-A.efi")), (2, 2, 0, signed("payload-B.efi")), esp=f"{OUT}/esp/signed-512.img")
    j.run(**{**SECURE, "variables": enrolled})
    j.says("slot B (partition 5) skipped: the firmware refused to load its image: Secure Boot does not accept its signature", "PAYLOAD [A]")
    j.silent("PAYLOAD [B]")


@secure_case
def secure_unsigned_selector(j):
    """Nothing boots: the firmware does not start an unsigned selector."""
    j.disk((1, 7, 1, signed("payload-A.efi")), (0, 0, 0, None))
    try:
        j.run(**SECURE, timeout=20)
    except subprocess.TimeoutExpired as waiting:        # at the firmware's menu
        j.lines = waiting.stdout.decode("latin-1").splitlines()
    j.silent("ballast-selector:", "PAYLOAD")
    if not any("Access Denied" in line or "Security Violation" in line for line in j.lines):
        raise Failed("the firmware does not say that it refuses the selector")


def main():
    names = sys.argv[2:] or list(CASES)
    failed = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix="selector-") as folder:
            judge = Judge(folder)
            judge.seconds = 0
            try:
                CASES[name](judge)
                print(f"ok      {name} ({judge.seconds:.1f} s)", flush=True)
            except (Failed, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"FAILED  {name}: {error}\n        " + "\n        ".join(judge.lines[-25:]), flush=True)
                if isinstance(error, subprocess.TimeoutExpired) and error.stdout:
                    print(error.stdout.decode("latin-1")[-3000:])
    print(f"{len(names) - failed} of {len(names)} cases passed")
    sys.exit(failed > 0)


main()
