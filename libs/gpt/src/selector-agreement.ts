import type { SelectorOracle } from "./selector-oracle.ts";
import { diskQuestion, randomOf, slotQuestion, type Question } from "./selector-questions.ts";

/** So many questions go to the selector's code in one process. */
const BATCH = 10_000;
/** A whole disk is asked for each so many sets of slots. */
const SLOTS_PER_DISK = 20;

export interface Agreement {
  readonly slotSets: number;
  readonly disks: number;
  /** Disks with a table that the selector believed, and those of them from which it took a try. */
  readonly loaded: number;
  readonly taken: number;
  /** At most ten, each with all that is needed to see it again. */
  readonly disagreements: readonly string[];
}

/** Asks the selector's code and this library the same questions, made from a seed. */
export function compareWithSelector(
  oracle: SelectorOracle,
  slotSets: number,
  seed: number,
): Agreement {
  const random = randomOf(seed);
  const disagreements: string[] = [];
  const counts = { disks: 0, loaded: 0, taken: 0 };
  for (let done = 0; done < slotSets;) {
    const questions: Question[] = [];
    for (; questions.length < BATCH && done < slotSets; done++) {
      questions.push(slotQuestion(random));
      if (done % SLOTS_PER_DISK !== 0) continue;
      const { question, isLoaded, isTaken } = diskQuestion(random);
      questions.push(question);
      counts.disks += 1;
      counts.loaded += Number(isLoaded);
      counts.taken += Number(isTaken);
    }
    disagreements.push(...ask(oracle, questions, 10 - disagreements.length));
    if (disagreements.length === 10) break;
  }
  return { slotSets, ...counts, disagreements };
}

/** Behind a disagreement the answers may be shifted, so the rest is asked again. */
function ask(oracle: SelectorOracle, questions: readonly Question[], limit: number): string[] {
  const found: string[] = [];
  for (let rest = questions; rest.length > 0 && found.length < limit;) {
    const answers = oracle.ask(rest.map(({ bytes }) => bytes));
    let at = 0;
    const wrong = rest.findIndex(({ expected, isSame }) => {
      if (!isSame(answers.subarray(at, at + expected.length))) return true;
      at += expected.length;
      return false;
    });
    const question = rest[wrong];
    if (question === undefined) {
      if (at !== answers.length)
        throw new Error(`The selector answered ${answers.length} bytes, must be ${at}`);
      return found;
    }
    const answer = answers.subarray(at, at + question.expected.length);
    found.push(
      `${question.describe()}\n  here     ${hexOf(question.expected)}\n  selector ${hexOf(answer)}`,
    );
    rest = rest.slice(wrong + 1);
  }
  return found;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 40)).toString("hex");
}
