using System.Collections.Immutable;

namespace Fuser.Host.Cluster.Passes;

/// <summary>The graphs of a run in passes, per pass.</summary>
/// <param name="Rows">Of every part but the last.</param>
/// <param name="Parts">Graphs of parts.</param>
/// <param name="Last">Graphs of the last part, which may have fewer rows.</param>
/// <param name="Finish">What the caller does behind a pass.</param>
internal sealed record PassGraphs(PassPlan Plan, long Rows, ImmutableArray<PartGraph> Parts, ImmutableArray<PartGraph> Last, ImmutableArray<PartGraph> Finish);
