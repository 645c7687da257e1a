using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;

namespace Fuser.Kernels.Specs;

/// <summary>A fusion group made ready for a target: the spec and arguments that find its kernel, and the loops that run it.</summary>
internal sealed class Specialisation(FusionGroup group, KernelSpec spec, ArgSpec arguments, LoopNest? loops, RowNest? rows)
{
    public FusionGroup Group { get; } = group;

    public KernelSpec Spec { get; } = spec;

    public ArgSpec Arguments { get; } = arguments;

    /// <summary>The loops of an elementwise group, null for one with reductions.</summary>
    public LoopNest? Loops { get; } = loops;

    /// <summary>The rows of a group with reductions, null for an elementwise one.</summary>
    public RowNest? Rows { get; } = rows;

    /// <summary>Spec and arguments in one number, for reports.</summary>
    public string KernelKey => Normalisation.GraphKey.Of($"{Spec.Text}{Arguments}").ToString();

    /// <summary>Groups of one plan: equal graphs have one spec, so that their text is made and kept once.</summary>
    /// <param name="targetOf">The fingerprint of a group's target, by the group's number.</param>
    public static ImmutableArray<Specialisation> OfAll(ImmutableArray<FusionGroup> groups, Func<int, string> targetOf, CancellationToken cancellationToken = default)
    {
        var specs = new Dictionary<Graphs.Graph, KernelSpec>(ReferenceEqualityComparer.Instance);
        var all = ImmutableArray.CreateBuilder<Specialisation>(groups.Length);
        for (var i = 0; i < groups.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!specs.TryGetValue(groups[i].Graph, out var spec))
            {
                specs.Add(groups[i].Graph, spec = new KernelSpec(groups[i].Graph));
            }

            all.Add(Of(groups[i], spec, targetOf(i)));
        }

        return all.MoveToImmutable();
    }

    public static Specialisation Of(FusionGroup group, string target) => Of(group, new KernelSpec(group.Graph), target);

    private static Specialisation Of(FusionGroup group, KernelSpec spec, string target)
    {
        var rows = group.Domain.HasReductions ? RowNest.Of(group) : null;
        var loops = rows is null ? LoopNest.Of(group) : null;
        var arguments = ImmutableArray.CreateBuilder<ArgumentSpec>(group.Inputs.Length + group.Outputs.Length);
        for (var i = 0; i < group.Inputs.Length; i++)
        {
            var access = (loops?.IsUniform(i) ?? rows!.IsUniform(i)) ? InnerAccess.Uniform : InnerAccess.Varying;
            var isPerRow = rows?.IsPerRow(i) ?? false;
            arguments.Add(group.Inputs[i] switch
            {
                TensorInput tensor => new ArgumentSpec(ArgumentKind.Input, tensor.DType, tensor.Storage, tensor.IsZeroDimensional ? OperandRank.ZeroDimensional : OperandRank.Dimensioned, access, isPerRow),
                NumberInput number => new ArgumentSpec(ArgumentKind.Scalar, number.Category, number.Category, OperandRank.Number, InnerAccess.Uniform),
                SeedInput => new ArgumentSpec(ArgumentKind.Scalar, Tensors.DType.Int64, Tensors.DType.Int64, OperandRank.Number, InnerAccess.Uniform),
                _ => new ArgumentSpec(ArgumentKind.Index, Tensors.DType.Int64, Tensors.DType.Int64, OperandRank.Number, InnerAccess.Varying, isPerRow),
            });
        }

        for (var i = 0; i < group.Outputs.Length; i++)
        {
            var storage = group.Outputs[i].Storage;
            arguments.Add(new ArgumentSpec(ArgumentKind.Output, storage, storage, OperandRank.Dimensioned, InnerAccess.Varying, group.Outputs[i].IsPerRow));
        }

        return new Specialisation(group, spec, new ArgSpec(arguments.MoveToImmutable(), rows?.Walk ?? KernelWalk.Elements, target), loops, rows);
    }
}
