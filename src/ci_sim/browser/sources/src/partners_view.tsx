/** Your partners: a table is opened in the page, read there, and sent nowhere. */

import type { JSX } from "preact";
import { readPartners, type Source } from "./partners";
import { OWN, valuesOf, withValue, type Plan } from "./plan";
import { cellsOf, Refusal } from "./sheets";
import { Notice, SectorMark, sectorName, useKept, usePage } from "./shared";
import { tables } from "./tables";
import type { Words } from "./words";

const EXAMPLE =
  "name,sector,capacity,position_1\nWelfare Department,government,10,0.4\nChamber of Commerce,business,6,0.6\nFood Bank,civil society,8,0.3\n";
const PREVIEWED = 200; // organizations that are listed

type Opened = { read: ReturnType<typeof readPartners>; wrong: null } | { read: null; wrong: string } | null;

export function Partners(): JSX.Element {
  const { words, address, setOwn, go } = usePage();
  const [organizations, setOrganizations] = useKept<Source | Refusal | null>("organizations", () => null);
  const [ties, setTies] = useKept<Source | Refusal | null>("ties", () => null);
  const [scale, setScale] = useKept<[string, string]>("scale", () => ["0", "1"]);
  const values = valuesOf(address.plans[0]);
  const opened = open(words, organizations, ties, scale, values["population.dimensions"] as number);
  const use = (): void => {
    setOwn(opened!.read!.given);
    const sectors = tables.lists.sectors.filter((_, s) => opened!.read!.given.given.sector.includes(s));
    const theirs = (plan: Plan): Plan => withValue({ ...plan, population: OWN }, "sectors", sectors);
    go({ view: "watch", week: 0, plans: [theirs(address.plans[0]), theirs(address.plans[1])] });
  };
  return (
    <div class="learn partners">
      <h2>{words.t("partners_view.title")}</h2>
      <p>{words.t("partners_view.intro")}</p>
      <FileField name="organizations" opened={organizations} take={setOrganizations} />
      <FileField name="ties" opened={ties} take={setTies} />
      <fieldset class="scale-of-trust">
        <legend>{words.t("partners_view.scale")}</legend>
        {(["lowest", "highest"] as const).map((end, i) => (
          <label class="number" key={end}>
            <span>{words.t(`partners_view.${end}`)}</span>
            <input
              type="number"
              step="any"
              value={scale[i]}
              onInput={(event) => setScale(i ? [scale[0], event.currentTarget.value] : [event.currentTarget.value, scale[1]])}
            />
          </label>
        ))}
      </fieldset>
      <p>
        <a
          class="button"
          download="organizations.csv"
          href={`data:text/csv;charset=utf-8,%EF%BB%BF${encodeURIComponent(EXAMPLE)}`}
        >
          {words.t("partners_view.template")}
        </a>
      </p>
      {opened === null && <p class="does">{words.t("partners_view.nothing")}</p>}
      {opened?.wrong && (
        <Notice kind="error">
          <span dir="auto">{opened.wrong}</span>
        </Notice>
      )}
      {opened?.read && <Preview read={opened.read} use={use} />}
    </div>
  );
}

/** Return what the opened tables say, or what is wrong with them. */
function open(
  words: Words,
  organizations: Source | Refusal | null,
  ties: Source | Refusal | null,
  scale: [string, string],
  dimensions: number,
): Opened {
  if (organizations === null) return null;
  try {
    for (const source of [organizations, ties]) if (source instanceof Refusal) throw source;
    const [low, high] = scale.map(Number);
    if (!(low < high)) throw new Refusal("scale", { low: scale[0], high: scale[1] });
    const named = new Set((organizations as Source).cells.flat().map((cell) => cell.toLowerCase().replace(/[ -]+/g, "_")));
    const sectors = tables.lists.sectors.filter((sector) => named.has(sector));
    return { read: readPartners(organizations as Source, ties as Source | null, [low, high], sectors, dimensions), wrong: null };
  } catch (error) {
    if (error instanceof Refusal) return { read: null, wrong: inWords(words, error) };
    throw error;
  }
}

/** Return what is wrong with a table, in the words of the command line. */
function inWords(words: Words, refusal: Refusal): string {
  const facts = { ...refusal.facts };
  if (facts.near) facts.near = words.t("partners.near", { near: facts.near });
  if (typeof facts.what === "string") facts.what = words.t(`partners.${facts.what}`, facts);
  return words.t(`partners.${refusal.key}`, facts);
}

interface FileProps {
  name: string;
  opened: Source | Refusal | null;
  take: (source: Source | Refusal | null) => void;
}

function FileField({ name, opened, take }: FileProps): JSX.Element {
  const { words } = usePage();
  const read = async (file: File | undefined): Promise<void> => {
    if (!file) return take(null);
    try {
      take({ path: file.name, cells: await cellsOf(file) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      take(error);
    }
  };
  return (
    <label class="file">
      <b>{words.t(`partners_view.${name}`)}</b>
      <small>{words.t(`partners_view.${name}_does`)}</small>
      <input
        type="file"
        name={name}
        accept=".csv,.tsv,.txt,.xlsx"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
      />
      {opened !== null && !(opened instanceof Refusal) && <small dir="auto">{opened.path}</small>}
    </label>
  );
}

function Preview({ read, use }: { read: ReturnType<typeof readPartners>; use: () => void }): JSX.Element {
  const { words } = usePage();
  const { given, assumed } = read;
  const count = (i: number): number => given.given.ties.filter(([a, b]) => a === i || b === i).length;
  return (
    <>
      <p role="status">
        <b>{words.t("partners_view.read", { n: given.ids.length, ties: given.given.ties.length })}</b>{" "}
        {assumed.length > 0 && words.t("partners_view.assumed", { what: assumed.join(", ") })}
      </p>
      <button type="button" class="primary" onClick={use}>
        {words.t("partners_view.use")}
      </button>
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">{words.t("partners_view.name")}</th>
            <th scope="col">{words.t("partners_view.sector")}</th>
            <th scope="col">{words.t("partners_view.known")}</th>
          </tr>
        </thead>
        <tbody>
          {given.names.slice(0, PREVIEWED).map((name, i) => (
            <tr key={i}>
              <th scope="row" dir="auto">
                {name}
              </th>
              <td>
                <SectorMark sector={given.given.sector[i]} /> {sectorName(words, given.given.sector[i])}
              </td>
              <td>{words.t("partners_view.row", { count: count(i) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
