"""Finishes BOOTX64.EFI: zero time stamp (two builds are the same bytes), image version 3.0 as in LoaderInfo, NX-compatible flag, and a
check that the flag is true."""
import struct
import sys

path = sys.argv[1]
data = bytearray(open(path, "rb").read())
(pe,) = struct.unpack_from("<I", data, 0x3C)
(sections,) = struct.unpack_from("<H", data, pe + 6)
(optional_size,) = struct.unpack_from("<H", data, pe + 20)
optional = pe + 24

struct.pack_into("<I", data, pe + 8, 0)  # TimeDateStamp
struct.pack_into("<HH", data, optional + 44, 3, 0)  # MajorImageVersion, MinorImageVersion
(flags,) = struct.unpack_from("<H", data, optional + 70)
struct.pack_into("<H", data, optional + 70, flags | 0x0100)  # IMAGE_DLLCHARACTERISTICS_NX_COMPAT
(alignment,) = struct.unpack_from("<I", data, optional + 32)
if alignment < 4096:
    sys.exit(f"finishing {path} failed: section alignment {alignment} is less than a page")
for index in range(sections):
    header = optional + optional_size + 40 * index
    name = data[header : header + 8].rstrip(b"\0").decode()
    (address,) = struct.unpack_from("<I", data, header + 12)
    (characteristics,) = struct.unpack_from("<I", data, header + 36)
    if characteristics & 0x20000000 and characteristics & 0x80000000:
        sys.exit(f"finishing {path} failed: section {name} is writable and executable")
    if address % alignment:
        sys.exit(f"finishing {path} failed: section {name} is not on a page boundary")
open(path, "wb").write(data)
