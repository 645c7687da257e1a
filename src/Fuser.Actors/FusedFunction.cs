using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>A registered graph, ready to be run with any shapes and types, from any number of threads, by whichever <see cref="IFuser"/> it was registered with.</summary>
public abstract class FusedFunction
{
    private protected FusedFunction(Graph graph, NormalisedGraph normalised)
    {
        Normalised = normalised;
        Graph = graph;
    }

    /// <summary>Key of the normalised graph, 32 hexadecimal digits: the same for graphs that compute the same operations.</summary>
    public string Key => Normalised.Key.ToString();

    /// <summary>The graph that plans are made of.</summary>
    internal NormalisedGraph Normalised { get; }

    /// <summary>The graph as it was registered.</summary>
    public Graph Graph { get; }

    /// <summary>Runs and returns new arrays, one per output of the graph (tuples flattened, numbers as 0-dim arrays).</summary>
    /// <param name="inputs">In the graph's order. They are read until the task ends; do not write them meanwhile. Where the task ends by a cancellation or
    /// a time-out, a device with a queue may go on reading and writing until the launch it is at is done.</param>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, or the graph raised an error of its own.</exception>
    public abstract ValueTask<ImmutableArray<NdArray>> RunAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs into arrays of the caller's. When the kernels are ready this completes before it returns and allocates nothing.</summary>
    /// <param name="inputs">In the graph's order.</param>
    /// <param name="outputs">
    /// One per output, of its shape and dtype, with any strides that give every element a place of its own; no two may share memory. An output may overlap inputs in any way: it is written in
    /// place where one kernel reads each element before it writes it, and computed elsewhere and copied at the end where not.
    /// </param>
    /// <param name="cancellationToken">Observed while kernels are planned and compiled, and between them: a run that is cancelled may have written a part of the outputs.</param>
    /// <exception cref="Kernels.InputException">The inputs or outputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, or the graph raised an error of its own.</exception>
    public abstract ValueTask RunAsync(ReadOnlyMemory<FuserValue> inputs, ReadOnlyMemory<NdArray> outputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs on this thread if every kernel is ready, on the default device; allocates nothing.</summary>
    /// <returns>False when something has to be compiled first: warm up, or use <see cref="RunAsync(ReadOnlyMemory{FuserValue}, ReadOnlyMemory{NdArray}, RunOptions?, CancellationToken)"/>.</returns>
    /// <exception cref="Kernels.InputException">The inputs or outputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, or the graph raised an error of its own.</exception>
    /// <remarks>
    /// Of a graph with control flow the kernels a run needs are known when it meets them: it runs until one is missing, and writes the outputs at
    /// the end or not at all. A loop without end is ended by nobody here; run such graphs with a token.
    /// </remarks>
    public abstract bool TryRun(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs);

    /// <summary>As <see cref="RunAsync(ReadOnlyMemory{FuserValue}, RunOptions?, CancellationToken)"/>, and says what ran and how.</summary>
    public abstract ValueTask<RunReport> RunWithReportAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Compiles what a run with such inputs needs; their elements are not read.</summary>
    /// <remarks>
    /// Of a graph with control flow that is what follows from the inputs' shapes: loop bodies, and both branches of a condition that is not known
    /// without running. What follows from elements is compiled when a run first meets it.
    /// </remarks>
    /// <exception cref="Kernels.CompileException">A kernel cannot be compiled; runs would use the fallback.</exception>
    public abstract ValueTask WarmUpAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// As <see cref="RunAsync(ReadOnlyMemory{FuserValue}, RunOptions?, CancellationToken)"/>, on an accelerator, and leaves the results there: tensors that later runs take as
    /// inputs without a copy. Dispose them to give their memory back.
    /// </summary>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph, are on several devices, or the device is one of the host.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, memory is exhausted, or the device did.</exception>
    public abstract ValueTask<ImmutableArray<DeviceTensor>> RunOnDeviceAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The plan for such inputs: steps, what they move through memory, groups, keys, IR, generated code, and why anything is not fused; of a graph with
    /// control flow the program, with the plans of its regions.
    /// </summary>
    public abstract ValueTask<Explanation> ExplainAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Whether a run with such inputs on the default device would compile anything. Asks nobody: a kernel another function compiled meanwhile may make the answer too gloomy.</summary>
    public abstract bool WouldCompile(ReadOnlySpan<FuserValue> inputs);

    /// <summary>Memory a run with such inputs takes beside them, before it is taken; of a graph with control flow what can be foreseen, each loop for one trip.</summary>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up while it was planned.</exception>
    internal abstract long RunBytes(ReadOnlySpan<FuserValue> inputs, RunOptions? options, CancellationToken cancellationToken);
}
