using System.Runtime.CompilerServices;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Tests;

internal static class TestSetup
{
    /// <summary>Every kernel built by any test is verified, in optimised builds too.</summary>
    [ModuleInitializer]
    internal static void VerifyAlways() => IrDebug.AlwaysVerify = true;
}
