/** The page's texts in the reader's language, with numbers written as that language writes them. */

export type Texts = { [key: string]: string | Texts };

export interface Language {
  code: string; // en or he
  texts: Texts;
}

export const DIRECTIONS: Record<string, "ltr" | "rtl"> = { en: "ltr", he: "rtl" };

/** Keep a name that a user gave apart from the direction of the text around it. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

export class Words {
  private readonly whole: Intl.NumberFormat;
  private readonly formats = new Map<string, Intl.NumberFormat>();

  constructor(readonly language: Language) {
    this.whole = new Intl.NumberFormat(language.code);
  }

  /** Return a text by its dotted key, with what stands in {braces} filled in. */
  t(key: string, facts: Record<string, string | number> = {}): string {
    const text = find(this.language.texts, key);
    if (typeof text !== "string") return key;
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const fact = facts[name];
      return fact === undefined ? whole : typeof fact === "number" ? this.whole.format(fact) : fact;
    });
  }

  /** Return a number with so many decimals. */
  number(value: number, decimals = 0): string {
    return this.formatted(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  percent(value: number, decimals = 0): string {
    return this.formatted(value, { style: "percent", maximumFractionDigits: decimals });
  }

  /** Return a difference with its sign. */
  signed(value: number, decimals = 1): string {
    return this.formatted(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: "exceptZero" });
  }

  private formatted(value: number, how: Intl.NumberFormatOptions): string {
    if (Number.isNaN(value)) return "–";
    const key = JSON.stringify(how);
    const format = this.formats.get(key) ?? new Intl.NumberFormat(this.language.code, how);
    this.formats.set(key, format);
    return format.format(value);
  }
}

/** Return what stands under a dotted key; a name in the texts may have dots itself. */
function find(texts: Texts, key: string): string | Texts | undefined {
  if (key in texts) return texts[key];
  for (let dot = key.lastIndexOf("."); dot > 0; dot = key.lastIndexOf(".", dot - 1)) {
    const inner = texts[key.slice(0, dot)];
    const found = typeof inner === "object" ? find(inner, key.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
