/** Puts a live view into a page: where an output names it, or in the place of its static form. */
import { Exchange } from './exchange.js';
import { type Model } from './model.js';

/** What a view works with. */
export interface Host {
  /** The element that it fills. */
  root: HTMLElement;
  exchange: Exchange;
  /** The arguments that the widget was made with. */
  given: unknown;
  /** How it was left; an empty object at first. */
  state: unknown;
  /** Keeps how it is, for when the page is loaded anew. */
  keep: (state: object) => void;
  /** Whether somebody can see it. */
  seen: () => boolean;
  /** Is aborted when it is taken out. */
  signal: AbortSignal;
}

/** Fills a host; `late` is called when answers begin to take long, and when they no more do. */
export type View = (host: Host, onLate: (tell: (late: boolean) => void) => void) => void;

interface Widget {
  initialize: (context: { model: Model; signal?: AbortSignal }) => () => void;
  render: (context: { model: Model; el: HTMLElement; signal?: AbortSignal }) => () => void;
}

/** The animation that the style gives to places: its beginning tells that one has come into the page. */
const PLACED = 'maestro-placed';
/** After how many milliseconds out of the page a view is given up; notebooks take cells out for a while. */
const GONE = 20_000;

/** Gives what anywidget runs. */
export function widget(view: View): Widget {
  return {
    initialize({ model }) {
      const places = new Places(model, view);
      return () => {
        places.close();
      };
    },
    render({ model, el }) {
      const mounted = new Mounted(model, view, el);
      return () => {
        mounted.close();
      };
    }
  };
}

/** The static forms of one widget: a page may hold several, as JupyterLab shows an output in a tab of its own. */
class Places {
  private readonly mounted = new Map<Element, Mounted>();
  private readonly name: string;

  constructor(
    private readonly model: Model,
    private readonly view: View
  ) {
    this.name = model.get('place');
    document.addEventListener('animationstart', this.placed);
    model.on('comm_live_update', this.ended);
    for (const place of document.getElementsByClassName(this.name)) this.take(place);
  }

  close(): void {
    document.removeEventListener('animationstart', this.placed);
    this.model.off('comm_live_update', this.ended);
    for (const place of [...this.mounted.keys()]) this.leave(place);
  }

  private readonly placed = (event: AnimationEvent): void => {
    const place = event.target;
    if (event.animationName === PLACED && place instanceof Element && place.classList.contains(this.name)) {
      this.take(place);
    }
  };

  /** The kernel has ended or begun anew: what is left is what was written. */
  private readonly ended = (): void => {
    this.close();
  };

  private take(place: Element): void {
    if (this.mounted.has(place)) return;
    const root = document.createElement('div');
    place.after(root);
    place.classList.add('maestro-replaced');
    const mounted = new Mounted(this.model, this.view, root, () => {
      this.leave(place);
    });
    this.mounted.set(place, mounted);
  }

  private leave(place: Element): void {
    this.mounted.get(place)?.close();
    this.mounted.delete(place);
    place.classList.remove('maestro-replaced');
  }
}

/** One view in one element. */
class Mounted {
  private readonly controller = new AbortController();
  private readonly exchange: Exchange;
  private readonly watch: IntersectionObserver;
  private gone: ReturnType<typeof setTimeout> | undefined;
  private isSeen = true;

  constructor(
    model: Model,
    view: View,
    private readonly root: HTMLElement,
    private readonly onGone: () => void = () => undefined
  ) {
    root.classList.add('maestro-widget');
    let tell: (late: boolean) => void = () => undefined;
    this.exchange = new Exchange(model, late => {
      tell(late);
    });
    this.watch = new IntersectionObserver(([entry]) => {
      if (entry !== undefined) this.see(entry.isIntersecting);
    });
    this.watch.observe(root);
    keepKeys(root, this.controller.signal);
    const host: Host = {
      root,
      exchange: this.exchange,
      given: model.get('given'),
      state: model.get('state'),
      keep: state => {
        model.set('state', state);
        model.save_changes();
      },
      seen: () => this.isSeen && !document.hidden,
      signal: this.controller.signal
    };
    view(host, told => {
      tell = told;
    });
  }

  close(): void {
    clearTimeout(this.gone);
    this.watch.disconnect();
    this.controller.abort();
    this.exchange.close();
    this.root.remove();
  }

  private see(isSeen: boolean): void {
    this.isSeen = isSeen;
    clearTimeout(this.gone);
    if (isSeen || this.root.isConnected) return;
    this.gone = setTimeout(() => {
      if (!this.root.isConnected) this.onGone();
    }, GONE);
  }
}

/**
 * Keeps single keys from a notebook around: there, two d's take a cell away. With control or its like, they are
 * its commands everywhere. JupyterLab looks for the attribute at the focus when the key comes to the document,
 * which is later.
 */
function keepKeys(root: HTMLElement, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent): void => {
    const focus = event.target;
    if (!(focus instanceof Element) || !root.contains(focus)) return;
    focus.toggleAttribute('data-lm-suppress-shortcuts', !event.ctrlKey && !event.metaKey && !event.altKey);
  };
  window.addEventListener('keydown', onKey, { capture: true, signal });
}
