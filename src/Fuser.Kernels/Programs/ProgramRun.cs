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
    private readonly ProgramValue[] _slots;
    private ulong _seed;

    private ProgramRun(GraphProgram program, IRegionRunner runner, long seed)
    {
        _program = program;
        _runner = runner;
        _seed = (ulong)seed;
        _slots = new ProgramValue[program.SlotCount];
    }

    /// <summary>Runs into new arrays, one per output, lists and tuples flattened, numbers as 0-dim arrays.</summary>
    /// <exception cref="FuserException">Inputs do not fit, a step failed, or the graph raised an error of its own.</exception>
    /// <exception cref="OperationCanceledException">The runner was told to stop.</exception>
    public static async ValueTask<ImmutableArray<ProgramValue>> RunAsync(GraphProgram program, ReadOnlyMemory<FuserValue> inputs, IRegionRunner runner, long seed)
    {
        var run = new ProgramRun(program, runner, seed);
        run.Bind(inputs.Span);
        await run.RunAsync(program.Body).ConfigureAwait(false);
        return ProgramOutputs.Flatten(run.Read(program.Body.Outputs));
    }

    private void Bind(ReadOnlySpan<FuserValue> inputs)
    {
        var graph = _program.Graph.Graph;
        InputBinding.Check(graph, inputs);
        foreach (var constant in _program.Constants)
        {
            _slots[constant.Slot] = HostOperations.Constant(constant.Node);
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            // An int passed for a float is a float.
            _slots[_program.Body.Inputs[i]] = inputs[i].Kind == FuserValueKind.Array ? inputs[i] : HostOperations.OfDeclaredType(inputs[i], graph.Inputs[i].Type);
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
                    Hand(chosen, 0, branch.Outputs);
                    break;
                case LoopStep loop:
                    await RunAsync(loop).ConfigureAwait(false);
                    break;
            }

            foreach (var slot in step.Releases)
            {
                _slots[slot] = default;
            }
        }
    }

    private async ValueTask RunAsync(LoopStep loop)
    {
        var trips = Whole(loop.Trips, loop.Node);
        var goesOn = Truth(loop.Condition, loop.Node);
        var carried = Read(loop.Initial);
        for (long trip = 0; trip < trips && goesOn; trip++)
        {
            await _runner.BeforeTripAsync().ConfigureAwait(false);
            _slots[loop.Body.Inputs[0]] = trip;
            for (var i = 0; i < carried.Length; i++)
            {
                _slots[loop.Body.Inputs[i + 1]] = carried[i];
                carried[i] = default; // the body's slots alone keep it alive
            }

            await RunAsync(loop.Body).ConfigureAwait(false);
            goesOn = Truth(loop.Body.Outputs[0], loop.Node);
            for (var i = 0; i < carried.Length; i++)
            {
                carried[i] = _slots[loop.Body.Outputs[i + 1]];
            }

            Empty(loop.Body);
        }

        for (var i = 0; i < carried.Length; i++)
        {
            _slots[loop.Outputs[i]] = carried[i];
        }
    }

    private async ValueTask RunAsync(RegionStep step)
    {
        var values = Read(step.Inputs);
        var graph = step.Region.For(values);
        var results = await _runner.RunAsync(graph, graph.Flatten(values), step.Region.IsRandom ? NextSeed() : 0).ConfigureAwait(false);
        for (var i = 0; i < step.Outputs.Length; i++)
        {
            _slots[step.Outputs[i]] = graph.ResultOf(results, i);
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
            ref readonly var value = ref _slots[step.Inputs[i]];
            if (!value.IsNumber)
            {
                Evaluate(step); // a type that the text left out: what the value is decides, or the error says what it is
                return;
            }

            numbers[i] = value.Number;
        }

        try
        {
            _slots[step.Outputs[0]] = HostOperations.OfDeclaredType(ScalarOperations.Evaluate(step.Node.Kind, numbers[..step.Inputs.Length]), step.Node.Outputs[0].Type);
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
        var arguments = new HostArguments(step.Node, Read(step.Inputs));
        try
        {
            var result = HostOperations.Evaluate(arguments);
            if (result.Kind == ProgramValueKind.Unknown)
            {
                return arguments;
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
        values[0] = await ProgramOutputs.CopyAsync(_program, values[0].Tensor, _runner).ConfigureAwait(false);
        _slots[output] = HostOperations.Evaluate(new HostArguments(view.Node, values));
    }

    private ProgramValue[] Read(ImmutableArray<int> slots)
    {
        var values = new ProgramValue[slots.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _slots[slots[i]];
        }

        return values;
    }

    private void Hand(ProgramBlock block, int first, ImmutableArray<int> outputs)
    {
        var results = Read(block.Outputs);
        Empty(block);
        for (var i = 0; i < outputs.Length; i++)
        {
            _slots[outputs[i]] = results[first + i];
        }
    }

    private void Empty(ProgramBlock block)
    {
        foreach (var slot in block.Own)
        {
            _slots[slot] = default;
        }
    }

    private bool Truth(int slot, Node node) => Number(slot, node, "a condition").Float != 0;

    private long Whole(int slot, Node node) => Number(slot, node, "a number of trips").Integer;

    private FuserValue Number(int slot, Node node, string wanted) => _slots[slot] is { IsNumber: true } value
        ? value.Number
        : throw new GraphException(ErrorCodes.OperationArgument, $"{node.Kind} got {_slots[slot]}, wanted {wanted}", node.Position.Line, node.Position.Column);

    private static InputException At(Node node, InputException error) => new(error.Code, $"{node.Position}: {node.Kind}: {error.Message}", error);
}
