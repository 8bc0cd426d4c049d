import { WEEKDAYS, type UpdateAgentConfig } from "@ballast/model";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jitterMs } from "./jitter.ts";
import { MINUTE } from "./schedule.fixture.ts";
import { isTurn } from "./window.ts";

const NIGHT = { days: ["saturday" as const], start: "23:00", length_minutes: 120 };

// 2026-06-06 is a Saturday.
it.each([
  ["2026-06-06T22:59:59.999Z", 0, false],
  ["2026-06-06T23:00:00Z", 0, true],
  ["2026-06-07T00:30:00Z", 0, true],
  ["2026-06-07T00:59:59.999Z", 0, true],
  ["2026-06-07T01:00:00Z", 0, false],
  ["2026-06-07T23:30:00Z", 0, false],
  ["2026-06-06T00:30:00Z", 0, false],
  ["2026-06-06T23:29:59Z", 30, false],
  ["2026-06-06T23:30:00Z", 30, true],
  ["1970-01-01T00:00:00Z", 0, false],
])("a window over midnight, at %s, %i minutes after others: %s", (time, minutes, expected) => {
  expect(isTurn(NIGHT, minutes * MINUTE, Date.parse(time))).toBe(expected);
});

it("has the whole day in a window of a whole day, and the last day of a year", () => {
  const always = { days: [...WEEKDAYS], start: "12:00", length_minutes: 1440 };
  const thursday = { days: ["thursday" as const], start: "23:59", length_minutes: 30 };
  for (let minute = 0; minute < 3 * 1440; minute += 1)
    expect(isTurn(always, 0, Date.parse("2026-12-30T00:00:00Z") + minute * MINUTE)).toBe(true);
  expect(isTurn(thursday, 0, Date.parse("2027-01-01T00:28:59Z"))).toBe(true);
});

it("agrees with a calendar that is walked minute by minute", () => {
  const window: fc.Arbitrary<NonNullable<UpdateAgentConfig["window"]>> = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
    start: fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":")),
    length_minutes: fc.integer({ min: 30, max: 1440 }),
  });
  const minuteOf = fc.integer({ min: 0, max: 14 * 1440 - 1 });
  fc.assert(
    fc.property(window, minuteOf, (one, minute) => {
      const begin = Temporal.Instant.from("2026-02-23T00:00:00Z").toZonedDateTimeISO("UTC");
      const now = begin.add({ minutes: minute });
      // Backwards from now to the minute in which the window would have begun.
      const expected = Array.from({ length: one.length_minutes }, (_, back) =>
        now.subtract({ minutes: back }),
      ).some(
        (time) =>
          time.toPlainTime().toString({ smallestUnit: "minute" }) === one.start &&
          one.days.includes(WEEKDAYS[time.dayOfWeek - 1] ?? "monday"),
      );
      expect(isTurn(one, 0, now.epochMilliseconds)).toBe(expected);
    }),
  );
});

it("jitter is stable, within its range, and spreads machines with neighbouring seeds", () => {
  const drawn = Array.from({ length: 1000 }, (_, seed) => jitterMs(seed, 60) / MINUTE);
  expect(drawn).toEqual(Array.from({ length: 1000 }, (_, seed) => jitterMs(seed, 60) / MINUTE));
  for (const quarter of [0, 15, 30, 45]) {
    const count = drawn.filter((minutes) => minutes >= quarter && minutes < quarter + 15).length;
    expect(count).toBeGreaterThan(200);
  }
  expect(Math.max(...drawn)).toBeLessThan(60);
  expect(jitterMs(7, 0)).toBe(0);
  expect(jitterMs(null, 60)).toBe(60 * MINUTE);
});
