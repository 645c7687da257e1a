namespace Fuser.Testing;

/// <summary>What tests need beside .NET. Nothing is installed by running them: without it they are skipped, and their reason ends with where it comes from.</summary>
internal static class TestServices
{
    /// <summary>Part of every reason to skip for want of something that the script installs; <c>.ci/run</c> fails on it.</summary>
    public const string Advice = "FUSER_TEST_SERVICES=install eng/test-services.sh installs it";
}
