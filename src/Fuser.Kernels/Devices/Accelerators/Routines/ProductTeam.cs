using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>
/// A product of few rows, for GPUs, where the terms lie together: eight neighbouring work items share a sum and add a chain each, so that they read
/// neighbouring numbers. Behind every block they put their chains together.
/// </summary>
internal sealed class ProductTeam
{
    private const int Chains = Contraction.Chains;

    private readonly ProductProgram _product;
    private readonly int _groupSize;
    private readonly int _sums;
    private readonly int _groups;

    public ProductTeam(ProductProgram product, long sums, int groupSize)
    {
        (_product, _groupSize) = (product, groupSize);
        Groups = (sums + Teams - 1) / Teams;
        (_sums, _groups) = (product.Settings.Add(sums), product.Settings.Add(Groups));
    }

    /// <summary>Groups that have a sum for every team.</summary>
    public long Groups { get; }

    private int Teams => _groupSize / Chains;

    private IrType Type => _product.Type;

    public void Write(KernelWriter w)
    {
        var memory = w.Share(Type, _groupSize);
        var lane = w.Lane();
        var (chain, team) = (w.Rest(lane, w.Position(Chains)), w.Over(lane, w.Position(Chains)));
        var first = w.Times(team, w.Position(Chains));
        w.ForGroups(w.Setting(_groups), group =>
        {
            // Teams beyond the last sum add that one once more and write nothing, for all of a group meet at every barrier.
            var own = w.PlusTimes(team, group, w.Position(Teams));
            var item = w.Least(own, w.Minus(w.Setting(_sums), w.Position(1)));
            var (left, right, result) = _product.Positions(w, item);
            var total = w.Variable(_product.Nothing(w));
            var depth = w.Setting(_product.Depth);
            w.For(w.Position(0), depth, w.Position(Contraction.BlockLength), block =>
            {
                var begin = w.Plus(block, chain);

                // A chain without terms is left out of the sum of its block.
                var sum = w.Variable(w.Select(w.IsLess(begin, depth), w.Zero(Type), w.NoSum(Type)));
                _product.WriteChain(w, sum, (left, right), begin, w.Least(w.Plus(block, w.Position(Contraction.BlockLength)), depth));
                w.Barrier();
                w.StoreShared(memory, lane, 0, sum);
                w.Barrier();
                var all = w.LoadShared(memory, first);
                for (var i = 1; i < Chains; i++)
                {
                    all = w.Add(all, w.LoadShared(memory, first, i));
                }

                w.Set(total, w.Add(total, all));
            });
            w.If(w.And(w.IsLess(own, w.Setting(_sums)), w.IsLess(chain, w.Position(1))), () => w.Store(2, result, total));
        });
    }
}
