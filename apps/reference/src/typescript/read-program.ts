import { Application, type DeclarationReflection, type ProjectReflection } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";

import { type EntryPoint, root } from "./entries.ts";

/** What TypeDoc has read, and TypeDoc, which writes it. */
export interface Program {
  readonly app: Application;
  readonly project: ProjectReflection;
  /** What each import brings, by the name of its page. */
  readonly modules: ReadonlyMap<string, DeclarationReflection>;
}

const markdown: Partial<PluginOptions> = {
  outputFileStrategy: "modules",
  entryFileName: "README",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandParameters: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  propertyMembersFormat: "table",
  enumMembersFormat: "table",
  hidePageTitle: true,
  tableColumnSettings: {
    hideDefaults: true,
    hideInherited: true,
    hideModifiers: true,
    hideOverrides: true,
    hideSources: true,
  },
};

/** @throws Error where TypeDoc cannot read the sources */
export async function readProgram(entries: readonly EntryPoint[]): Promise<Program> {
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: entries.map(({ source }) => source),
    tsconfig: `${root}apps/reference/tsconfig.json`,
    // The workspace's own compiler has checked them.
    skipErrorChecking: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    // Where something stands tells one import from another here, and is left out of the pages.
    disableGit: true,
    sourceLinkTemplate: "{path}",
    readme: "none",
    logLevel: "Error",
    sort: ["source-order"],
    ...markdown,
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc could not read the packages");
  return { app, project, modules: nameModules(project, entries) };
}

/** TypeDoc calls them by their files. */
function nameModules(
  project: ProjectReflection,
  entries: readonly EntryPoint[],
): ReadonlyMap<string, DeclarationReflection> {
  const bySource = new Map<string | undefined, DeclarationReflection>(
    (project.children ?? []).map((module) => [module.sources?.[0]?.fullFileName, module]),
  );
  return new Map(
    entries.map(({ source, page, specifier }) => {
      const module = bySource.get(source);
      if (!module) throw new Error(`TypeDoc has found nothing for ${specifier}`);
      module.name = page;
      return [page, module];
    }),
  );
}
