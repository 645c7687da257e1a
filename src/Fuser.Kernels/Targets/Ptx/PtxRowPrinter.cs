using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Targets.Ptx;

internal sealed class PtxRowPrinter
{
    public static RowCode Print(RowProgram program, RowPass pass) => throw new NotSupportedException();
}
