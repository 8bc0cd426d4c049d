"""Marks the section .cmdline of a UKI, before it is signed, as one that may be written to in memory: by that, the marker and the spaces
at its end the selector knows that it may add parameters."""
import struct
import sys

path = sys.argv[1]
data = bytearray(open(path, "rb").read())
(pe,) = struct.unpack_from("<I", data, 0x3C)
sections, optional = struct.unpack_from("<H12xH", data, pe + 6)
for index in range(sections):
    header = pe + 24 + optional + 40 * index
    if data[header : header + 8] == b".cmdline":
        (flags,) = struct.unpack_from("<I", data, header + 36)
        struct.pack_into("<I", data, header + 36, flags | 0x80000000)  # IMAGE_SCN_MEM_WRITE
        break
else:
    sys.exit(f"opening the command line of {path} failed: it has no section .cmdline")
open(path, "wb").write(data)
