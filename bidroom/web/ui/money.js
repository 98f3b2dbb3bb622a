/** Amounts in minor units of a room's currency, as people write them. How many decimals there are, the server says. */

const MAX_AMOUNT = 2 ** 53;

export class Money {
  /** @param {string} currency ISO 4217 @param {number} decimals @param {string} language */
  constructor(currency, decimals, language) {
    this.decimals = decimals;
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    this.currency = new Intl.NumberFormat(language, { style: 'currency', currency, ...digits });
    this.plainly = new Intl.NumberFormat(language, { ...digits, useGrouping: false });
  }

  /** @param {number} minor */
  format(minor) {
    return this.currency.format(this.#decimal(minor));
  }

  /** Without the currency, as it may be typed. @param {number} minor */
  plain(minor) {
    return this.plainly.format(this.#decimal(minor));
  }

  /**
   * What somebody typed, in minor units; null where it is no amount. "1,234.50", "1.234,50" and "1 234" are all read.
   * @param {string} text
   */
  parse(text) {
    const bare = text.replace(/[\s'’]|[\p{L}\p{Sc}]/gu, '');
    const [, whole, , fraction = ''] = bare.match(/^(\d+|\d{1,3}([.,])(?:\d{2,3}\2)*\d{3})(?:[.,](\d*))?$/) ?? [];
    if (whole === undefined) return null;
    // Three digits behind a lone sign stand for thousands, unless the currency has three decimals.
    const isGroup = fraction.length === 3 && this.decimals !== 3;
    const digits = (isGroup ? whole + fraction : whole).replace(/[.,]/g, '');
    const decimals = isGroup ? '' : fraction;
    if (decimals.length > this.decimals) return null;
    const minor = Number(digits + decimals.padEnd(this.decimals, '0'));
    return minor >= 1 && minor <= MAX_AMOUNT ? minor : null;
  }

  /** Exactly, however large. @param {number} minor @returns {any} */
  #decimal(minor) {
    const sign = minor < 0 ? '-' : '';
    const digits = String(Math.abs(minor)).padStart(this.decimals + 1, '0');
    const point = digits.length - this.decimals;
    return this.decimals ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}` : sign + digits;
  }
}
