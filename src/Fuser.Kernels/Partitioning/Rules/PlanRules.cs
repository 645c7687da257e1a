using System.Collections.Frozen;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>What an operation becomes in the plan, given its arguments.</summary>
/// <exception cref="GraphException">The arguments do not fit; names the place.</exception>
internal delegate PlanValue PlanRule(RuleContext context);

/// <summary>The rules, by kind of operation; one for each of <see cref="Operations.PlannedOperations"/>.</summary>
internal static class PlanRules
{
    private static readonly FrozenDictionary<string, PlanRule> Rules = new[]
    {
        ReductionRules.Rules,
        MomentRules.Rules,
        NormalisationRules.Rules,
        LossRules.Rules,
        RoutineRules.Rules,
        MatrixRules.Rules,
        EinsumRules.Rules,
        AttentionRules.Rules,
        IndexingRules.Rules,
        CreationRules.Rules,
        RearrangementRules.Rules,
        ConvolutionRules.Rules,
        PoolingRules.Rules,
    }.SelectMany(rules => rules).ToFrozenDictionary();

    public static PlanRule? Find(string kind) => Rules.GetValueOrDefault(kind);
}
