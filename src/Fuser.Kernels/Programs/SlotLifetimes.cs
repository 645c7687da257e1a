using System.Collections.Immutable;

namespace Fuser.Kernels.Programs;

/// <summary>Says after which step of a block a slot is read no more.</summary>
internal static class SlotLifetimes
{
    /// <param name="steps">The block's steps, in order.</param>
    /// <param name="inputs">Slots that are filled before it.</param>
    /// <param name="outputs">Slots that outlive it.</param>
    public static ProgramBlock Block(List<ProgramStep> steps, ImmutableArray<int> inputs, ImmutableArray<int> outputs)
    {
        // Only what the block itself defines: what stands around it is read again on the next trip.
        var own = steps.SelectMany(Writes).Concat(inputs).ToHashSet();
        var open = own.Except(outputs).ToHashSet();
        var result = new ProgramStep[steps.Count];
        for (var i = steps.Count - 1; i >= 0; i--)
        {
            ImmutableArray<int> ended = [.. Reads(steps[i]).Concat(Writes(steps[i])).Where(open.Remove)];
            result[i] = ended.IsEmpty ? steps[i] : steps[i] with { Releases = ended };
        }

        return new ProgramBlock([.. result], inputs, outputs, [.. inputs.Concat(outputs).Where(own.Contains).Distinct()]);
    }

    private static IEnumerable<int> Writes(ProgramStep step) => step switch
    {
        HostStep host => host.Outputs,
        RegionStep region => region.Outputs,
        BranchStep branch => branch.Outputs,
        LoopStep loop => loop.Outputs,
        _ => [],
    };

    private static IEnumerable<int> Reads(ProgramStep step) => step switch
    {
        HostStep host => host.Inputs,
        RegionStep region => region.Inputs,
        BranchStep branch => Reads(branch.Then).Concat(Reads(branch.Else)).Prepend(branch.Condition),
        LoopStep loop => Reads(loop.Body).Concat(loop.Initial).Prepend(loop.Condition).Prepend(loop.Trips),
        _ => [],
    };

    private static IEnumerable<int> Reads(ProgramBlock block) => block.Steps.SelectMany(Reads).Concat(block.Outputs);
}
