"""selection-vectors.json or parameter-vectors.json as a C header, so that the host tests need no JSON parser."""
import json
import sys

vectors = json.load(open(sys.argv[1], encoding="utf-8"))
if "text" in vectors[0]:
    print("/* Generated from parameter-vectors.json. */")
    print("static const struct vector vectors[] = {")
    for v in vectors:
        text = "".join("\\%03o" % byte for byte in v["text"].encode("utf-8"))
        print('{ .text = "%s", .length = %d, .allowed = %d },' % (text, len(v["text"].encode("utf-8")), v["allowed"]))
    print("};")
    sys.exit()


def numbers(values):
    return "{ " + ", ".join(str(value) for value in values) + " }" if values else "{ 0 }"


print("/* Generated from selection-vectors.json. */")
print("static const struct vector vectors[] = {")
for v in vectors:
    slots = ", ".join(
        "{ .slot = { .number = %d, .priority = %d, .tries = %d, .successful = %d }, .loadable = %d }"
        % (s["number"], s["priority"], s["tries"], s["successful"], s["loadable"])
        for s in v["slots"]
    )
    print(
        "{ .name = %s, .writable = %d, .count = %d, .slots = { %s }, .order = %s, "
        ".qualifying = %d, .boots = %d, .takes_count = %d, .takes = %s },"
        % (json.dumps(v["name"]), v["writable"], len(v["slots"]), slots or "{ .loadable = 0 }", numbers(v["order"]), v["qualifying"],
           v["boots"] or 0, len(v["takesTryFrom"]), numbers(v["takesTryFrom"]))
    )
print("};")
