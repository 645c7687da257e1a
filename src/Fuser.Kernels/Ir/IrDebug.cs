using System.Diagnostics;

namespace Fuser.Kernels.Ir;

/// <summary>Runs the verifier in Debug builds, and in Release builds where a test asks for it.</summary>
internal static class IrDebug
{
    /// <summary>Set by the tests, which run optimised code.</summary>
    public static bool AlwaysVerify { get; set; }

    public static void Verify(KernelIr kernel)
    {
        VerifyInDebug(kernel);
        if (AlwaysVerify)
        {
            IrVerifier.Verify(kernel);
        }
    }

    [Conditional("DEBUG")]
    private static void VerifyInDebug(KernelIr kernel) => IrVerifier.Verify(kernel);
}
