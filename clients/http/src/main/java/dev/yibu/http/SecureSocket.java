package dev.yibu.http;

import dev.yibu.lowlevel.Driver;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** The JDK's socket of TLS, with an {@link AnswerInput} for what comes out of it. */
final class SecureSocket extends SSLSocket implements AnswerInput.Source {
    private final Socket raw;
    private final SSLSocket secure;
    private final AnswerInput answers;

    SecureSocket(Socket raw, SSLSocket secure, Driver driver) throws IOException {
        this.raw = raw;
        this.secure = secure;
        this.answers = new AnswerInput(secure.getInputStream(), driver);
    }

    @Override
    public AnswerInput answers() {
        return answers;
    }

    @Override
    public AnswerInput getInputStream() {
        return answers;
    }

    /** OkHttp asks before it takes a connection from the pool. */
    @Override
    public boolean isInputShutdown() {
        return secure.isInputShutdown() || (answers.isOver() && hasSurplus());
    }

    private boolean hasSurplus() {
        return answers.hasSurplus()
                || ((mayHaveSome() || answers.isWorthASecondLook()) && answers.hasSurplusAtSecondLook(this));
    }

    /** What comes of itself may also be TLS's own, such as tickets for later sessions; a look tells. */
    private boolean mayHaveSome() {
        try {
            return raw.getInputStream().available() > 0;
        } catch (IOException e) {
            return true;
        }
    }

    // ---------------------------------------------------------------- as the JDK's socket does it

    @Override
    public void close() throws IOException {
        secure.close();
    }

    @Override
    public boolean isClosed() {
        return secure.isClosed();
    }

    @Override
    public boolean isConnected() {
        return secure.isConnected();
    }

    @Override
    public boolean isBound() {
        return secure.isBound();
    }

    @Override
    public boolean isOutputShutdown() {
        return secure.isOutputShutdown();
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return secure.getOutputStream();
    }

    @Override
    public InetAddress getInetAddress() {
        return secure.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return secure.getLocalAddress();
    }

    @Override
    public int getPort() {
        return secure.getPort();
    }

    @Override
    public int getLocalPort() {
        return secure.getLocalPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return secure.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return secure.getLocalSocketAddress();
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return secure.getSoTimeout();
    }

    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        secure.setSoTimeout(timeout);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return secure.getTcpNoDelay();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        secure.setTcpNoDelay(on);
    }

    @Override
    public int getSoLinger() throws SocketException {
        return secure.getSoLinger();
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        secure.setSoLinger(on, linger);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return secure.getKeepAlive();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        secure.setKeepAlive(on);
    }

    @Override
    public void startHandshake() throws IOException {
        secure.startHandshake();
    }

    @Override
    public SSLSession getSession() {
        return secure.getSession();
    }

    @Override
    public SSLSession getHandshakeSession() {
        return secure.getHandshakeSession();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return secure.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters params) {
        secure.setSSLParameters(params);
    }

    @Override
    public String getApplicationProtocol() {
        return secure.getApplicationProtocol();
    }

    @Override
    public String getHandshakeApplicationProtocol() {
        return secure.getHandshakeApplicationProtocol();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return secure.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return secure.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        secure.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return secure.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return secure.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        secure.setEnabledProtocols(protocols);
    }

    @Override
    public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
        secure.addHandshakeCompletedListener(listener);
    }

    @Override
    public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
        secure.removeHandshakeCompletedListener(listener);
    }

    @Override
    public boolean getUseClientMode() {
        return secure.getUseClientMode();
    }

    @Override
    public void setUseClientMode(boolean mode) {
        secure.setUseClientMode(mode);
    }

    @Override
    public boolean getNeedClientAuth() {
        return secure.getNeedClientAuth();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        secure.setNeedClientAuth(need);
    }

    @Override
    public boolean getWantClientAuth() {
        return secure.getWantClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        secure.setWantClientAuth(want);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return secure.getEnableSessionCreation();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        secure.setEnableSessionCreation(flag);
    }

    @Override
    public String toString() {
        return secure.toString();
    }
}
