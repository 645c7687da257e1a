using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>Plans a region for inputs of which some may be shadows, without elements.</summary>
internal delegate GraphPlan RegionPlanner(RegionGraph region, FuserValue[] inputs);

/// <summary>
/// Goes through a program without running it: what follows from the shapes of the inputs is known, what follows from their elements is not. Where a
/// condition is not known, both branches are gone through; loops until what they carry keeps its form.
/// </summary>
internal sealed class ProgramForecast
{
    /// <summary>A tensor that grows by itself grows on every trip: after so many passes its shape counts as unknown.</summary>
    private const int MostPasses = 4;

    /// <summary>Passes over bodies in all: loops in loops multiply.</summary>
    private const int MostWalks = 4_096;

    private readonly RegionPlanner _planner;
    private readonly ProgramSlots _slots;
    private readonly Dictionary<Region, string> _unplanned = [];
    private int _walks;

    private ProgramForecast(GraphProgram program, RegionPlanner planner)
    {
        _planner = planner;
        _slots = new ProgramSlots(program.SlotCount, memory: null);
    }

    /// <summary>Has every region planned whose shapes are known.</summary>
    /// <returns>Why each of the others is not, in words.</returns>
    /// <exception cref="FuserException">The inputs do not fit the graph.</exception>
    public static IReadOnlyDictionary<Region, string> Run(GraphProgram program, ReadOnlySpan<FuserValue> inputs, RegionPlanner planner)
    {
        var forecast = new ProgramForecast(program, planner);
        InputBinding.Check(program.Graph.Graph, inputs);
        foreach (var constant in program.Constants)
        {
            forecast._slots.Set(constant.Slot, HostOperations.Constant(constant.Node));
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            forecast._slots.Set(program.Body.Inputs[i], inputs[i].Kind == FuserValueKind.Array ? inputs[i] : HostOperations.OfDeclaredType(inputs[i], program.Graph.Graph.Inputs[i].Type));
        }

        forecast.Walk(program.Body, isCertain: true);
        return forecast._unplanned;
    }

    /// <param name="isCertain">Whether a run comes here for sure: then what fails is the caller's to know, elsewhere it may never happen.</param>
    private void Walk(ProgramBlock block, bool isCertain)
    {
        _walks++;
        foreach (var step in block.Steps)
        {
            switch (step)
            {
                case HostStep host: Walk(host, isCertain); break;
                case RegionStep region: Walk(region, isCertain); break;
                case BranchStep branch: Walk(branch, isCertain); break;
                case LoopStep loop: Walk(loop, isCertain); break;
            }
        }
    }

    private void Walk(HostStep step, bool isCertain)
    {
        var values = _slots.Read(step.Inputs);
        var isSkipped = step.Node.Kind == "prim::RaiseException" || step.IsRead || values.Any(ForecastValues.IsUncertain);
        if (step.HasEffect && values is [{ Kind: ProgramValueKind.List } changed, ..] && (!isCertain || isSkipped))
        {
            changed.List.IsUncertain = true;
        }

        if (isSkipped || values.Any(ForecastValues.IsUncertain))
        {
            Forget(step.Outputs, step.Node);
            return;
        }

        try
        {
            var result = HostOperations.Evaluate(new HostArguments(step.Node, values));
            if (result.Kind == ProgramValueKind.Unknown)
            {
                values[0] = new ProgramTensor(NdArray.Shadow(values[0].Tensor.Array.DType, values[0].Tensor.Shape), values[0].Tensor.DType);
                result = HostOperations.Evaluate(new HostArguments(step.Node, values));
            }

            HostResults.Store(step, result, _slots);
        }
        catch (FuserException) when (!isCertain)
        {
            Forget(step.Outputs, step.Node);
        }
    }

    private void Walk(RegionStep step, bool isCertain)
    {
        var values = _slots.Read(step.Inputs);
        var reason = ForecastValues.WhyUnplannable(values);
        if (reason is null)
        {
            try
            {
                var graph = step.Region.For(ForecastValues.WithNumber(values, 1));
                var inputs = graph.Flatten(ForecastValues.WithNumber(values, 1));
                var plan = _planner(graph, inputs);
                if (plan.Signature.Matches(graph.Flatten(ForecastValues.WithNumber(values, 2))))
                {
                    for (var i = 0; i < step.Outputs.Length; i++)
                    {
                        _slots.Set(step.Outputs[i], graph.ShadowOf(plan, inputs, i));
                    }

                    return;
                }

                reason = "a shape in it follows from a number that only a run can tell";
            }
            catch (FuserException error) when (!isCertain || values.Any(value => value.Kind == ProgramValueKind.Unknown))
            {
                reason = error.Message;
            }
        }

        _unplanned[step.Region] = reason;
        foreach (var output in step.Outputs)
        {
            _slots.Set(output, ProgramValue.Unknown(ProgramValueKind.Tensor));
        }
    }

    private void Walk(BranchStep step, bool isCertain)
    {
        var condition = _slots[step.Condition];
        if (condition.IsNumber)
        {
            var chosen = condition.Number.Float != 0 ? step.Then : step.Else;
            Walk(chosen, isCertain);
            _slots.Set(step.Outputs, _slots.Read(chosen.Outputs));
            return;
        }

        Walk(step.Then, isCertain: false);
        var then = _slots.Read(step.Then.Outputs);
        Walk(step.Else, isCertain: false);
        _slots.Set(step.Outputs, [.. then.Zip(_slots.Read(step.Else.Outputs), ForecastValues.Merge)]);
    }

    private void Walk(LoopStep step, bool isCertain)
    {
        var (trips, condition, carried) = (_slots[step.Trips], _slots[step.Condition], _slots.Read(step.Initial));
        var starts = trips.IsNumber && trips.Number.Integer > 0 && condition.IsNumber && condition.Number.Float != 0;
        if ((trips.IsNumber && trips.Number.Integer <= 0) || (condition.IsNumber && condition.Number.Float == 0))
        {
            _slots.Set(step.Outputs, carried);
            return;
        }

        var initial = carried;
        for (var pass = 1; ; pass++)
        {
            var isLast = pass >= MostPasses || _walks > MostWalks;
            _slots.Set(step.Body.Inputs[0], ProgramValue.Unknown(ProgramValueKind.Integer));
            _slots.Set(step.Body.Inputs[1..], carried);
            Walk(step.Body, isCertain && starts && pass == 1);
            ProgramValue[] next = [.. carried.Zip(_slots.Read(step.Body.Outputs[1..]), ForecastValues.Follow)];
            var isStable = carried.Zip(next, ForecastValues.AreAlike).All(alike => alike);
            carried = isStable || !isLast ? next : [.. carried.Zip(next, ForecastValues.Merge)];
            if (isStable || isLast)
            {
                break;
            }
        }

        _slots.Set(step.Outputs, starts ? carried : [.. initial.Zip(carried, ForecastValues.Merge)]);
    }

    private void Forget(ImmutableArray<int> outputs, Node node)
    {
        for (var i = 0; i < outputs.Length; i++)
        {
            _slots.Set(outputs[i], ProgramValue.Unknown(ForecastValues.KindOf(node.Outputs[i].Type)));
        }
    }
}
