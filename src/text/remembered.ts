/** Answers kept. */
const KEPT = 4096;

/** What `ask` says, for texts that come again and again: of the same it says the same, so it is asked once. */
export function remembered<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    let answer = answers.get(text);
    if (answer === undefined) {
      answer = ask(text);
      if (answers.size >= KEPT) answers.clear();
      answers.set(text, answer);
    }
    return answer;
  };
}
