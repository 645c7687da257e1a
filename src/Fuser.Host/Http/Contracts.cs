using System.Text.Json.Serialization;
using Fuser.Actors;

namespace Fuser.Host.Http;

/// <summary>An input or output of a graph.</summary>
/// <param name="Name">The name of its array in requests or answers.</param>
/// <param name="Type">Tensor, int, float, bool.</param>
internal sealed record ValueContract(string Name, string Type);

/// <summary>Answer to a registration.</summary>
/// <param name="Key">By which the graph is run.</param>
/// <param name="Created">Whether the node did not hold it before.</param>
internal sealed record GraphCreatedContract(string Key, bool Created, IEnumerable<ValueContract> Inputs, IEnumerable<ValueContract> Outputs);

/// <summary>A graph in the list of all.</summary>
internal sealed record GraphSummaryContract(string Key, DateTimeOffset Registered, IEnumerable<ValueContract> Inputs, int Outputs, CountersContract Counters);

/// <summary>All graphs, the most recently used first.</summary>
internal sealed record GraphsContract(IEnumerable<GraphSummaryContract> Graphs);

/// <summary>One graph.</summary>
/// <param name="Text">As it was registered first.</param>
/// <param name="LastRun">Null before the first.</param>
internal sealed record GraphContract(string Key, DateTimeOffset Registered, IEnumerable<ValueContract> Inputs, IEnumerable<ValueContract> Outputs, CountersContract Counters, LastRunContract? LastRun, string Text);

/// <summary>Counters of one graph.</summary>
internal sealed record CountersContract(long Runs, long FallbackRuns, long Failures, double RunSeconds);

/// <summary>The plan of the last run: what it ran on, in which steps and kernels, and what was not fused.</summary>
internal sealed record LastRunContract(IEnumerable<string> Inputs, IEnumerable<string> Steps, IEnumerable<KernelContract> Kernels, IEnumerable<NotFusedContract> NotFused, double RunMs);

/// <summary>A compiled kernel.</summary>
internal sealed record KernelContract(int Group, int Operations, string Key, string Target, double CompileMs, bool Cached, string? WhyOnHost);

/// <summary>What ran operation by operation.</summary>
internal sealed record NotFusedContract(string Where, string Reason);

/// <summary>A device.</summary>
internal sealed record DeviceContract(string Name, bool Available, string Description);

/// <summary>All devices, the default first.</summary>
internal sealed record DevicesContract(IEnumerable<DeviceContract> Devices);

/// <summary>What a node has in hand.</summary>
internal sealed record LoadContract(int Open, int Running, int Waiting, int Capacity, long MemoryUsed, long MemoryLimit);

/// <summary>A node.</summary>
/// <param name="Id">Distinguishes this start from every other.</param>
/// <param name="State">ready or draining.</param>
/// <param name="Devices">Names of those it can run on.</param>
internal sealed record NodeContract(string Id, string Name, string Version, string State, IEnumerable<string> Addresses, DateTimeOffset Started, IEnumerable<string> Devices, LoadContract Load);

/// <summary>All nodes that are known.</summary>
internal sealed record NodesContract(IEnumerable<NodeContract> Nodes);

/// <summary>Requests for work since the start.</summary>
internal sealed record RequestsContract(long Done, long Failed, long Refused);

/// <summary>Counters of a node since its start.</summary>
internal sealed record StatisticsContract(string Node, double UptimeSeconds, RequestsContract Requests, LoadContract Load, int Graphs, long GraphsEvicted, FuserStatistics Runtime);

/// <summary>The answer to a question after health.</summary>
/// <param name="Status">healthy, degraded or unhealthy.</param>
internal sealed record HealthContract(string Status, IReadOnlyDictionary<string, HealthPartContract> Checks);

/// <summary>One check.</summary>
internal sealed record HealthPartContract(string Status, string? Description);

/// <summary>An error, by RFC 9457.</summary>
/// <param name="Type">Identifies the kind of error.</param>
/// <param name="Title">Name of the kind.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What, where, got, wanted, what to do.</param>
/// <param name="Instance">Path of the request.</param>
/// <param name="Code">Stable code, as everywhere in the product.</param>
/// <param name="Line">Line in the graph text, from 1.</param>
/// <param name="Column">Column in the graph text, from 1.</param>
/// <param name="TraceId">By which logs and traces know the request.</param>
internal sealed record ProblemContract(string Type, string Title, int Status, string Detail, string Instance, string Code, int? Line, int? Column, [property: JsonPropertyName("traceId")] string TraceId);

/// <summary>Writes all of them without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = false)]
[JsonSerializable(typeof(GraphCreatedContract))]
[JsonSerializable(typeof(GraphsContract))]
[JsonSerializable(typeof(GraphContract))]
[JsonSerializable(typeof(DevicesContract))]
[JsonSerializable(typeof(NodesContract))]
[JsonSerializable(typeof(StatisticsContract))]
[JsonSerializable(typeof(HealthContract))]
[JsonSerializable(typeof(ProblemContract))]
internal sealed partial class Contracts : JsonSerializerContext;
