/**
 * What counts its own entries: every actor and every object. The text of a subject is injective, so that no two share a
 * counter: a slash in a kind is escaped, groups have none (their schema), and what follows is the name.
 */
import type { CountedSubject, EntryObject } from '@strongroom/contracts';

const actorPrefix = 'actor ';
const objectPrefix = 'object ';

export const subjectOfActor = (id: string): string => actorPrefix + id;

/** By the name that `objectName` gives. */
export const subjectOfObject = (name: string): string => objectPrefix + name;

/** A key or secret is named `<group>/<name>`, where no group has a slash. */
export function subjectCounted({ kind, name }: CountedSubject): string {
  if (kind === 'actor') return subjectOfActor(name);
  const slash = name.indexOf('/');
  const [group, rest] = slash < 0 ? ['', name] : [name.slice(0, slash), name.slice(slash + 1)];
  return subjectOfObject(objectName({ kind, group, name: rest }));
}

/** `key/default/kek`, `log//`. Versions of an object are one subject: its history is what people ask for. */
export function objectName({ kind, group, name }: Pick<EntryObject, 'kind' | 'group' | 'name'>): string {
  return `${storable(kind).replaceAll('/', '\\s')}/${group ?? ''}/${storable(name ?? '')}`;
}

/**
 * Text as the database can hold it, which is all but the zero character; still one text for one text. Refusing that
 * character instead would let whoever can name an operation spoil the append message that their refusal travels in.
 */
export function storable(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\0', '\\0');
}

export interface SubjectNames {
  readonly actors: readonly string[];
  readonly objects: readonly string[];
}

/** The other way round, for a store that keeps actors and objects in different places. */
export function splitSubjects(subjects: Iterable<string>): SubjectNames {
  const actors: string[] = [];
  const objects: string[] = [];
  for (const subject of subjects) {
    if (subject.startsWith(actorPrefix)) actors.push(subject.slice(actorPrefix.length));
    else objects.push(subject.slice(objectPrefix.length));
  }
  return { actors, objects };
}
