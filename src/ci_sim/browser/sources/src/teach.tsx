/** The teacher's page: what a class has bet and found, from codes that are pasted; nothing is sent anywhere. */

import type { JSX } from "preact";
import { cameOut, CHAPTERS, readCode, type Bet } from "./chapters";
import { Notice, useKept, useWords } from "./shared";

type Read = NonNullable<ReturnType<typeof readCode>>;

export function Teach(): JSX.Element {
  const words = useWords();
  const [text, setText] = useKept("codes", () => "");
  const lines = text.split(/[\s,;]+/).filter(Boolean);
  const read = lines.map((line) => readCode(line));
  const wrong = lines.filter((_, i) => read[i] === null);
  const good = [
    ...new Map(lines.flatMap((line, i) => (read[i] ? [[line.toLowerCase(), read[i]!] as [string, Read]] : []))).values(),
  ];
  return (
    <div class="learn">
      <h2>{words.t("teach.title")}</h2>
      <p>{words.t("teach.intro")}</p>
      <label class="choice">
        <span>{words.t("teach.paste")}</span>
        <textarea rows={6} dir="ltr" value={text} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {wrong.length > 0 && <Notice kind="error">{words.t("teach.wrong", { codes: wrong.slice(0, 5).join(" ") })}</Notice>}
      {good.length > 0 && <p role="status">{words.t("teach.read", { n: good.length })}</p>}
      {good.length > 0 && CHAPTERS.map(({ id }) => <ChapterOfClass key={id} id={id} read={good} />)}
    </div>
  );
}

function ChapterOfClass({ id, read }: { id: string; read: Read[] }): JSX.Element | null {
  const words = useWords();
  const answers = read.flatMap(({ answers }) => (answers[id] ? [answers[id]] : []));
  if (!answers.length) return null;
  const bets: Bet[] = ["more", "same", "less"];
  const right = answers.filter((answer) => cameOut(answer) === answer.bet).length;
  const mean = answers.reduce((sum, { points }) => sum + points, 0) / answers.length;
  return (
    <section>
      <h3>{words.t(`chapters.${id}.title`)}</h3>
      <table class="numbers">
        <thead>
          <tr>
            <td />
            <th scope="col">{words.t("teach.bet")}</th>
            <th scope="col">{words.t("teach.found")}</th>
          </tr>
        </thead>
        <tbody>
          {bets.map((bet) => (
            <tr key={bet}>
              <th scope="row">{words.t(`learn.bet_${bet}`)}</th>
              {[(a: (typeof answers)[0]) => a.bet, cameOut].map((of, c) => {
                const count = answers.filter((answer) => of(answer) === bet).length;
                return (
                  <td key={c}>
                    <i class="part" style={{ inlineSize: `${(80 * count) / answers.length}px` }} /> {words.number(count)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="does">{words.t("teach.summary", { right, n: answers.length, mean: words.signed(mean, 1) })}</p>
    </section>
  );
}
