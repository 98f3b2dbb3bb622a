/** What the page's modules pass to each other; for editors and type checks, never sent to a browser. */

/** An item as it stands: amounts in minor units, times in ms of room time. `stopped`: it or the room is paused. */
interface Item {
  id: string;
  name: string;
  state: 'between' | 'open' | 'finished';
  unit: number;
  units: number;
  units_left: number;
  starting_price: number;
  price: number | null;
  leader: string | null;
  minimum: number;
  ends_at: number | null;
  opens_at: number | null;
  reserve: '' | 'met' | 'not_met';
  buy_now: number | null;
  bid: number | null;
  paused: boolean;
  stopped: boolean;
}

/** What has happened, as docs/protocol.md lists it by `type`. */
interface RoomEvent {
  type: string;
  seq: number;
  at: number;
  [field: string]: any;
}

/** A unit that is the bidder's at this amount if they take it. */
interface Offer {
  item: string;
  unit: number;
  bidder: string;
  amount: number;
}

/** Who the server takes us for. */
interface You {
  name: string;
  last_id: number;
  role?: 'auctioneer' | 'clerk';
  paddle?: number;
  budget?: number;
  maximums?: { item: string; amount: number; units: number }[];
}

/** How one comes in. */
interface Entrance {
  kind: 'watch' | 'join' | 'control';
  name?: string;
  token?: string;
  code?: string;
}

/** What a bidder asks, and what they are told about it. */
interface Command {
  type: 'bid' | 'max_bid' | 'cancel_max' | 'buy_now' | 'answer_offer';
  id: number;
  item: string;
  unit?: number;
  amount?: number;
  units?: number;
  accept?: boolean;
}
interface Answer {
  type: 'accepted' | 'refused' | 'done' | 'preview';
  id: number;
  reason?: string;
  message?: string;
  minimum?: number;
  bidder?: string;
  paddle?: number;
  code?: string;
  events?: RoomEvent[];
}

/** What a session tells, and to whom: see room/session.js. */
interface Told {
  welcome: () => void;
  events: (events: RoomEvent[]) => void;
  shown: () => void;
  link: () => void;
  answer: (command: Command, answer: Answer) => void;
  denied: (reason: string, message: string) => void;
}

/** A line of /api/rooms. */
interface RoomLine {
  id: string;
  name: string;
  currency: string;
  decimals: number;
  finished: boolean;
  registration: 'open' | 'invite';
  bidders: 'names' | 'paddles';
}

/** An item's description, from /api/rooms/{room}/catalogue. */
interface Description {
  id: string;
  description: string;
  category?: string;
  seller?: string;
  units_each?: number;
  picture?: string;
  closing: { kind: string; window_ms: number };
}

/** One bid of a round. */
interface Step {
  seq: number;
  at: number;
  bidder: string;
  amount: number;
}

/** A purchase as everyone may see it, and as the checkout does. */
interface Purchase {
  seq: number;
  item: string;
  item_name: string;
  unit: number;
  bidder: string;
  amount: number;
  at: number;
  name?: string;
  paid?: string | null;
  paid_by?: string | null;
  handed_over_by?: string | null;
}

/** A bidder's account; `owed` below 0 is to be paid back. */
interface Statement {
  bidder: string;
  name: string;
  paddle: number | null;
  email: string;
  total: number;
  paid: number;
  owed: number;
  lines: Purchase[];
}

/** What the auctioneer knows of a bidder. */
interface BidderLine {
  bidder: string;
  name: string;
  paddle: number | null;
  email: string;
  budget: number | null;
  won: number;
  paid: number;
  owed: number;
  removed: boolean;
  connected: boolean;
}

/** A part of the desk: drawn anew with every change while it is shown, and told of every event. */
interface Part {
  node: HTMLElement;
  draw: () => void;
  tick?: () => void;
  take?: (events: RoomEvent[]) => void;
  show?: () => void;
  restart?: () => void;
}

type Standing = 'leading' | 'outbid' | 'won' | 'none';
type Texts = typeof import('./texts/en.js').default;
type App = import('./bidder/main.js').App;
type Desk = import('./desk/desk.js').Desk;
type Session = import('./room/session.js').Session;
type View = import('./room/view.js').View;
type Memory = import('./room/memory.js').Memory;
type Money = import('./ui/money.js').Money;
