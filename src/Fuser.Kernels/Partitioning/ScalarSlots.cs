using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Collects the numbers of a plan into a <see cref="ScalarProgram"/>, and notes which inputs decided its structure.</summary>
internal sealed class ScalarSlots(FuserValue[] inputs)
{
    private readonly List<ScalarSlot> _slots = [];
    private readonly HashSet<int> _structural = [];
    private readonly HashSet<int> _marked = [];

    public ScalarProgram Program => new([.. _slots]);

    /// <summary>Whether the number at an input decided the structure of the plan.</summary>
    public bool IsStructural(int input) => _structural.Contains(input);

    public PlanNumber OfInput(int input) => Add(inputs[input], new ScalarSlot(input, default, null, []), dependsOnInputs: true);

    /// <summary>A number that follows from shapes: the same for every call with this signature, but no literal of the graph.</summary>
    public PlanNumber OfShape(FuserValue value) => Add(value, new ScalarSlot(-1, value, null, []), dependsOnInputs: false);

    public static PlanNumber OfLiteral(FuserValue value, ConstantValue literal) => new(value, literal, -1, dependsOnInputs: false);

    /// <summary>Arithmetic on numbers, done again at each call.</summary>
    public PlanNumber OfOperation(string kind, ImmutableArray<PlanNumber> operands)
    {
        var value = ScalarOperations.Evaluate(kind, [.. operands.Select(operand => operand.Value)]);
        var slots = ImmutableArray.CreateRange(operands, operand => operand.Slot >= 0 ? operand.Slot : OfShape(operand.Value).Slot);
        return Add(value, new ScalarSlot(-1, default, kind, slots), operands.Any(operand => operand.DependsOnInputs));
    }

    /// <summary>
    /// The number's present value, for something that shapes the plan. From now on the numbers of the call it comes from are part of the signature.
    /// </summary>
    public FuserValue Structural(PlanNumber number)
    {
        if (number.DependsOnInputs)
        {
            Mark(number.Slot);
        }

        return number.Value;
    }

    private void Mark(int slot)
    {
        // A list instead of recursion, and each slot once: numbers may be chains and diamonds of any size.
        var open = new Stack<int>([slot]);
        while (open.TryPop(out var next))
        {
            if (!_marked.Add(next))
            {
                continue;
            }

            if (_slots[next].Input >= 0)
            {
                _structural.Add(_slots[next].Input);
            }

            foreach (var operand in _slots[next].Operands)
            {
                open.Push(operand);
            }
        }
    }

    private PlanNumber Add(FuserValue value, ScalarSlot slot, bool dependsOnInputs)
    {
        _slots.Add(slot);
        return new PlanNumber(value, null, _slots.Count - 1, dependsOnInputs);
    }
}
