/** An organization, looked at: what it believes, what it would gain, and why it does or does not commit. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { LAUNCHED, LEFT, UNINVITED, type Consideration, type Course } from "./course";
import { SectorMark, sectorName, useWords } from "./shared";
import type { Words } from "./words";

interface Props {
  course: Course;
  week: number;
  selected: number | null;
  select: (who: number | null) => void;
}

export function Reasons({ course, week, selected, select }: Props): JSX.Element {
  const words = useWords();
  const { names } = course.job.partners;
  const options = useMemo(
    () =>
      names.map((name, i) => (
        <option key={i} value={String(i)}>
          {name}
        </option>
      )),
    [names],
  );
  return (
    <section class="reasons" aria-label={words.t("reasons.title")}>
      <h2>{words.t("reasons.title")}</h2>
      <label class="choice">
        <span>{words.t("reasons.choose")}</span>
        <select
          value={selected === null ? "" : String(selected)}
          onChange={(event) => select(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}
        >
          <option value="">{words.t("reasons.nobody")}</option>
          {options}
        </select>
      </label>
      {selected === null || selected >= names.length ? (
        <p class="does">{words.t("reasons.hint")}</p>
      ) : (
        <Organization course={course} week={week} who={selected} />
      )}
    </section>
  );
}

function Organization({ course, week, who }: { course: Course; week: number; who: number }): JSX.Element {
  const words = useWords();
  const sector = course.weeks[week].state.field("state.orgs", who, "sector");
  const weighed = week > 0 ? course.considerations(week)[who] : null;
  return (
    <>
      <h3 dir="auto">
        <SectorMark sector={sector} /> {course.job.partners.names[who]}
      </h3>
      <p class="does">{sectorName(words, sector)}</p>
      <p class="because">{because(words, course, week, who)}</p>
      {weighed && <Weighed weighed={weighed} />}
    </>
  );
}

/** Return in a sentence what an organization does in a week, and why. */
export function because(words: Words, course: Course, week: number, who: number): string {
  const { state } = course.weeks[week];
  const is = (field: string): number => state.field("state.orgs", who, field);
  const weighed = week > 0 ? course.considerations(week)[who] : null;
  if (is("membership") === UNINVITED) return words.t("reasons.uninvited");
  if (!weighed) return words.t(is("membership") === LEFT ? "reasons.left" : "reasons.just_joined");
  const facts = {
    benefit: words.number(weighed.benefit, 2),
    demanded: words.number(Math.max(0, weighed.demanded), 2),
    expected: words.percent(weighed.expected),
    worth: words.number(weighed.benefit * weighed.expected, 2),
    needed: weighed.needed,
    partners: weighed.partners,
  };
  const then = is("membership") === LEFT ? ` ${words.t("reasons.left_now")}` : "";
  return words.t(`reasons.${verdict(weighed)}`, facts) + outcome(words, course, week, who, weighed) + then;
}

function verdict(weighed: Consideration): string {
  if (weighed.demanded < 0) return "in_any_case";
  if (weighed.intends) return "would";
  return weighed.benefit <= weighed.demanded ? "no_gain" : "no_belief";
}

/** What comes of an organization's intention. */
function outcome(words: Words, course: Course, week: number, who: number, weighed: Consideration): string {
  if (!weighed.intends) return "";
  const { state } = course.weeks[week];
  const is = (field: string): number => state.field("state.orgs", who, field);
  const key = is("inside")
    ? "inside"
    : is("committed")
      ? "unsigned"
      : state.field("state.initiative", 0, "stage") !== LAUNCHED
        ? "before_launch"
        : is("mandate")
          ? "not_called"
          : "no_mandate";
  return ` ${words.t(`reasons.${key}`)}`;
}

/** The gain that is expected against what is demanded, and the numbers that it comes of. */
export function Weighed({ weighed }: { weighed: Consideration }): JSX.Element {
  const words = useWords();
  const gain = weighed.benefit * weighed.expected;
  const most = Math.max(weighed.benefit, weighed.demanded, 0.01);
  const share = (value: number): string => `${(100 * Math.max(0, value)) / most}%`;
  const rows: [string, string][] = [
    ["salience", words.percent(weighed.salience)],
    ["closeness", words.percent(weighed.closeness)],
    ["worth", words.number(weighed.worth, 2)],
    ["needed", words.t("reasons.of", { n: weighed.needed, all: weighed.partners })],
    ["trust", words.percent(weighed.trust)],
    ["willingness", words.percent(weighed.willingness)],
    ["deliver", words.percent(weighed.deliver)],
    ["agree", words.percent(weighed.agree)],
    ["group", words.percent(weighed.group)],
    ["chance", words.percent(weighed.chance)],
    ...(weighed.heed > 0
      ? ([
          ["heed", words.percent(weighed.heed)],
          ["judgement", words.percent(weighed.judgement)],
        ] as [string, string][])
      : []),
  ];
  return (
    <>
      <div
        class="scale"
        role="img"
        aria-label={words.t("reasons.scale", { gain: words.number(gain, 2), demanded: words.number(weighed.demanded, 2) })}
      >
        <div class="bar">
          <i class="all" style={{ inlineSize: share(weighed.benefit) }} />
          <i class="gain" style={{ inlineSize: share(gain) }} />
          <i class="demand" style={{ insetInlineStart: share(weighed.demanded) }} />
        </div>
        <p class="does">
          {words.t("reasons.scale", { gain: words.number(gain, 2), demanded: words.number(Math.max(0, weighed.demanded), 2) })}
        </p>
      </div>
      <table class="numbers">
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{words.t(`considered.${name}`)}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Return the reason that differs most between two considerations: what moves the odds of committing furthest. */
export function mainDifference(a: Consideration, b: Consideration): string {
  const apart = (name: string): number => Math.abs(Math.log(Math.max(a[name], 1e-6) / Math.max(b[name], 1e-6)));
  const causes = ["salience", "closeness", "worth", "expected"];
  const first = causes.reduce((most, name) => (apart(name) > apart(most) ? name : most));
  if (first !== "expected") return first;
  const beliefs = ["deliver", "agree", "group", "judgement"].filter((name) => name !== "judgement" || a.heed > 0 || b.heed > 0);
  const belief = beliefs.reduce((most, name) => (apart(name) > apart(most) ? name : most));
  return belief === "deliver"
    ? ["trust", "willingness", "needed"].reduce((most, name) => (apart(name) > apart(most) ? name : most))
    : belief;
}
