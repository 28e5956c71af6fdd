/** Sections, modules and module types around a sentence. */
import { type Command, layoutOf, tokenText } from "./command.ts";

interface Scope {
  readonly kind: "section" | "module" | "module-type";
  readonly name: string;
}

/** Deeper nesting is kept track of, but no name is given for it: a list of names for each depth would be quadratic. */
const deepestNamed = 64;

export class Scopes {
  private readonly stack: Scope[] = [];
  private named: readonly string[] = [];
  private sections = 0;
  private moduleTypes = 0;

  /** Outermost first. */
  names(): readonly string[] {
    return this.named;
  }

  inSection(): boolean {
    return this.sections > 0;
  }

  /** What a module type declares is asked of its modules; it postulates nothing. */
  inModuleType(): boolean {
    return this.moduleTypes > 0;
  }

  /** True when the sentence opens or closes a scope, or is a module given by an expression. */
  take(command: Command): boolean {
    const { text, tokens, word } = command;
    if (word === "Section") this.push({ kind: "section", name: tokenText(text, tokens[1]) });
    else if (word === "End") this.pop(tokenText(text, tokens[1]));
    else if (word === "Module") {
      if (layoutOf(command).body < 0) this.push(moduleOf(command));
    } else return false;
    return true;
  }

  private push(scope: Scope): void {
    this.stack.push(scope);
    this.count(scope, 1);
  }

  /** The innermost one of that name; a name that is not open closes nothing. */
  private pop(name: string): void {
    const lowest = Math.max(this.stack.length - deepestNamed, 0);
    for (let at = this.stack.length - 1; at >= lowest; at -= 1) {
      if (this.stack[at]?.name !== name) continue;
      for (const scope of this.stack.splice(at).reverse()) this.count(scope, -1);
      return;
    }
  }

  private count(scope: Scope, step: 1 | -1): void {
    if (scope.kind === "section") this.sections += step;
    if (scope.kind === "module-type") this.moduleTypes += step;
    if (this.stack.length <= deepestNamed + 1) this.named = this.stack.slice(0, deepestNamed).map((each) => each.name);
  }
}

function moduleOf(command: Command): Scope {
  const { text, tokens } = command;
  const second = tokenText(text, tokens[1]);
  const marked = second === "Type" || second === "Import" || second === "Export";
  return { kind: second === "Type" ? "module-type" : "module", name: tokenText(text, tokens[marked ? 2 : 1]) };
}
