using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// One run of a program: interprets branches, loops, numbers and lists, and has the regions run. Completes without waiting when the
/// runner does.
/// </summary>
internal sealed class ProgramRun
{
    private const ulong SeedStep = 0x9E3779B97F4A7C15; // odd, so that all 2^64 seeds come before one repeats

    private readonly GraphProgram _program;
    private readonly IRegionRunner _runner;
    private readonly ProgramMemory _memory;
    private readonly ProgramSlots _slots;
    private ulong _seed;

    private ProgramRun(GraphProgram program, IRegionRunner runner, ProgramMemory memory, long seed)
    {
        _program = program;
        _memory = memory;
        _runner = runner;
        _seed = (ulong)seed;
        _slots = new ProgramSlots(program.SlotCount, _memory);
    }

    /// <summary>Runs into new arrays, one per output, lists and tuples flattened, numbers as 0-dim arrays.</summary>
    /// <exception cref="FuserException">Inputs do not fit, a step failed, or the graph raised an error of its own.</exception>
    /// <exception cref="OperationCanceledException">The runner was told to stop.</exception>
    public static async ValueTask<ImmutableArray<ProgramValue>> RunAsync(GraphProgram program, ReadOnlyMemory<FuserValue> inputs, IRegionRunner runner, ProgramMemory memory, long seed)
    {
        var run = new ProgramRun(program, runner, memory, seed);
        run.Bind(inputs.Span);
        await run.RunAsync(program.Body).ConfigureAwait(false);
        return ProgramOutputs.Flatten(run._slots.Read(program.Body.Outputs));
    }

    private void Bind(ReadOnlySpan<FuserValue> inputs)
    {
        var graph = _program.Graph.Graph;
        InputBinding.Check(graph, inputs);
        foreach (var constant in _program.Constants)
        {
            _slots.Set(constant.Slot, HostOperations.Constant(constant.Node));
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            // An int passed for a float is a float.
            _slots.Set(_program.Body.Inputs[i], inputs[i].Kind == FuserValueKind.Array ? inputs[i] : HostOperations.OfDeclaredType(inputs[i], graph.Inputs[i].Type));
        }
    }

    private async ValueTask RunAsync(ProgramBlock block)
    {
        foreach (var step in block.Steps)
        {
            switch (step)
            {
                case HostStep host when host.IsArithmetic:
                    Calculate(host);
                    break;
                case HostStep host:
                    if (Evaluate(host) is { } reshaped)
                    {
                        await MoveAsync(reshaped, host.Outputs[0]).ConfigureAwait(false);
                    }

                    break;
                case RegionStep region:
                    await RunAsync(region).ConfigureAwait(false);
                    break;
                case BranchStep branch:
                    var chosen = Truth(branch.Condition, branch.Node) ? branch.Then : branch.Else;
                    await RunAsync(chosen).ConfigureAwait(false);
                    _slots.Set(branch.Outputs, _slots.Read(chosen.Outputs));
                    _slots.Clear(chosen.Own);
                    break;
                case LoopStep loop:
                    await RunAsync(loop).ConfigureAwait(false);
                    break;
            }

            _slots.Clear(step.Releases);
        }
    }

    private async ValueTask RunAsync(LoopStep loop)
    {
        var trips = Whole(loop.Trips, loop.Node);
        var goesOn = Truth(loop.Condition, loop.Node);
        var carried = Carry(loop.Initial);
        for (long trip = 0; trip < trips && goesOn; trip++)
        {
            await _runner.BeforeTripAsync().ConfigureAwait(false);
            _slots.Set(loop.Body.Inputs[0], trip);
            Put(carried, loop.Body.Inputs.AsSpan()[1..]);
            await RunAsync(loop.Body).ConfigureAwait(false);
            goesOn = Truth(loop.Body.Outputs[0], loop.Node);
            carried = Carry(loop.Body.Outputs[1..]);
            _slots.Clear(loop.Body.Own);
        }

        Put(carried, loop.Outputs.AsSpan());
    }

    /// <summary>Takes values out, to be put elsewhere when the slots they came from are used again.</summary>
    private ProgramValue[] Carry(ImmutableArray<int> slots)
    {
        var values = _slots.Read(slots);
        foreach (var value in values)
        {
            ProgramSlots.Hold(value);
        }

        return values;
    }

    private void Put(ProgramValue[] carried, ReadOnlySpan<int> slots)
    {
        for (var i = 0; i < carried.Length; i++)
        {
            _slots.Set(slots[i], carried[i]);
            _slots.Drop(carried[i]);
        }
    }

    private async ValueTask RunAsync(RegionStep step)
    {
        var values = _slots.Read(step.Inputs);
        var graph = step.Region.For(values);
        var results = await _runner.RunAsync(graph, graph.Flatten(values), step.Region.IsRandom ? NextSeed() : 0, _memory).ConfigureAwait(false);
        for (var i = 0; i < step.Outputs.Length; i++)
        {
            _slots.Set(step.Outputs[i], graph.ResultOf(results, i));
        }
    }

    /// <summary>Every run of a region with random operations draws its own numbers; the first has the seed of the call, as a graph without control flow.</summary>
    private long NextSeed()
    {
        var seed = _seed;
        _seed = unchecked(_seed + SeedStep);
        return (long)seed;
    }

    private void Calculate(HostStep step)
    {
        Span<FuserValue> numbers = [default, default, default];
        for (var i = 0; i < step.Inputs.Length; i++)
        {
            var value = _slots[step.Inputs[i]];
            if (!value.IsNumber)
            {
                Evaluate(step); // a type that the text left out: what the value is decides, or the error says what it is
                return;
            }

            numbers[i] = value.Number;
        }

        try
        {
            _slots.Set(step.Outputs[0], HostOperations.OfDeclaredType(ScalarOperations.Evaluate(step.Node.Kind, numbers[..step.Inputs.Length]), step.Node.Outputs[0].Type));
        }
        catch (InputException error) when (step.Node.Position.IsKnown)
        {
            throw At(step.Node, error);
        }
    }

    /// <summary>Runs the node.</summary>
    /// <returns>A view that the memory of its tensor cannot give: to be made of a copy.</returns>
    private HostArguments? Evaluate(HostStep step)
    {
        var arguments = new HostArguments(step.Node, _slots.Read(step.Inputs));
        try
        {
            var result = HostOperations.Evaluate(arguments);
            if (result.Kind == ProgramValueKind.Unknown)
            {
                return arguments;
            }

            if (step.HasEffect || result.Kind is ProgramValueKind.List or ProgramValueKind.Tuple)
            {
                ProgramSlots.Share(arguments.Values);
            }

            HostResults.Store(step, result, _slots);
            return null;
        }
        catch (InputException error) when (step.Node.Position.IsKnown)
        {
            throw At(step.Node, error);
        }
    }

    /// <summary>Strided memory that no strides can reshape is put row-major first, as in a plan.</summary>
    private async ValueTask MoveAsync(HostArguments view, int output)
    {
        var values = view.Values.ToArray();
        values[0] = await ProgramOutputs.CopyAsync(_program, values[0].Tensor, _runner, _memory).ConfigureAwait(false);
        _slots.Set(output, HostOperations.Evaluate(new HostArguments(view.Node, values)));
    }

    private bool Truth(int slot, Node node) => Number(slot, node, "a condition").Float != 0;

    private long Whole(int slot, Node node) => Number(slot, node, "a number of trips").Integer;

    private FuserValue Number(int slot, Node node, string wanted) => _slots[slot] is { IsNumber: true } value
        ? value.Number
        : throw new GraphException(ErrorCodes.OperationArgument, $"{node.Kind} got {_slots[slot]}, wanted {wanted}", node.Position.Line, node.Position.Column);

    private static InputException At(Node node, InputException error) => new(error.Code, $"{node.Position}: {node.Kind}: {error.Message}", error);
}
