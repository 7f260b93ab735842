"""Writes rsa-forgeries.json: RSA signatures and keys that must be refused, with controls that must not."""
import hashlib,json,random,subprocess,re,os
import sys
random.seed(20261121)
K=os.path.dirname(os.path.abspath(sys.argv[0]))+'/'
def is_prime(n):
    for p in (2,3,5,7,11,13,17,19,23,29,31,37,41,43,47,53):
        if n%p==0: return n==p
    d=n-1;s=0
    while d%2==0:d//=2;s+=1
    for _ in range(20):
        a=random.randrange(2,n-1);x=pow(a,d,n)
        if x in(1,n-1):continue
        for _ in range(s-1):
            x=x*x%n
            if x==n-1:break
        else:return False
    return True
def prime(bits,e):
    while True:
        p=random.getrandbits(bits)|1|(3<<(bits-2))
        if (p-1)%e and is_prime(p): return p
def key(bits,e):
    while True:
        a=bits//2; b=bits-a
        p,q=prime(a,e),prime(b,e)
        n=p*q
        if n.bit_length()==bits and p!=q: return n,e,pow(e,-1,(p-1)*(q-1))
def tlv(t,*c):
    b=b''.join(c); l=len(b)
    if l<128: L=bytes([l])
    else:
        x=l.to_bytes((l.bit_length()+7)//8,'big'); L=bytes([0x80|len(x)])+x
    return bytes([t])+L+b
def integer(n): 
    b=n.to_bytes(n.bit_length()//8+1,'big'); return tlv(2,b)
def oid(s):
    p=[int(x) for x in s.split('.')]; out=bytes([p[0]*40+p[1]])
    for v in p[2:]:
        c=[v&127]; v>>=7
        while v: c.append(v&127|128); v>>=7
        out+=bytes(reversed(c))
    return tlv(6,out)
NULL=b'\x05\x00'
RSA=oid('1.2.840.113549.1.1.1'); PSS=oid('1.2.840.113549.1.1.10'); MGF1=oid('1.2.840.113549.1.1.8')
H={'SHA1':('1.3.14.3.2.26',hashlib.sha1),'SHA2_256':('2.16.840.1.101.3.4.2.1',hashlib.sha256),'SHA2_384':('2.16.840.1.101.3.4.2.2',hashlib.sha384),'SHA2_512':('2.16.840.1.101.3.4.2.3',hashlib.sha512)}
def spki(n,e,alg=None): 
    return tlv(0x30, alg or tlv(0x30,RSA,NULL), tlv(3,b'\x00',tlv(0x30,integer(n),integer(e))))
M=b'Adit signs this'
def di(h,digest=None,params=NULL,alg_h=None):
    d=H[h][1](M).digest() if digest is None else digest
    return tlv(0x30,tlv(0x30,oid(H[alg_h or h][0]),params),tlv(4,d))
def em(k,T,ps=None,lead=b'\x00\x01',sep=b'\x00'):
    return lead+(b'\xff'*(k-len(lead)-len(sep)-len(T)) if ps is None else ps)+sep+T
cases=[]
def add(id,name,key,scheme,sig,accept=False,sp=None):
    cases.append(dict(id=id,name=name,spki=(sp or spki(key[0],key[1])).hex(),scheme=scheme,sig=sig.hex(),accept=accept))
def sign(key,E):
    k=(key[0].bit_length()+7)//8
    return pow(int.from_bytes(E,'big'),key[2],key[0]).to_bytes(k,'big')
k1=key(2048,65537); k3=key(2048,3); n,e,d=k1; k=256
for h in H:
    add('C17',f'control {h}',k1,'RsaPkcs1 '+h,sign(k1,em(k,di(h))),True)
    s='RsaPkcs1 '+h
    T=di(h)
    add('C17',f'{h} trailing bytes after the digest info',k1,s,sign(k1,em(k,T+b'\x00'*8)))
    add('C17',f'{h} trailing bytes, short padding',k1,s,sign(k1,b'\x00\x01'+b'\xff'*8+b'\x00'+T+b'\xa5'*(k-11-len(T))))
    add('C17',f'{h} parameters absent',k1,s,sign(k1,em(k,di(h,params=b''))))
    add('C17',f'{h} parameters are an octet string of garbage',k1,s,sign(k1,em(k,di(h,params=tlv(4,b'garbage!'*8)))))
    add('C17',f'{h} garbage behind NULL in the algorithm',k1,s,sign(k1,em(k,di(h,params=NULL+b'\x04\x04abcd'))))
    add('C17',f'{h} NULL with contents',k1,s,sign(k1,em(k,di(h,params=b'\x05\x02ab'))))
    add('C17',f'{h} long form length',k1,s,sign(k1,em(k,b'\x30\x81'+T[1:])))
    dg=H[h][1](M).digest()
    add('C17',f'{h} hash one octet short',k1,s,sign(k1,em(k,di(h,dg[:-1]))))
    add('C17',f'{h} hash one octet long',k1,s,sign(k1,em(k,di(h,dg+b'\x00'))))
    add('C17',f'{h} empty hash',k1,s,sign(k1,em(k,di(h,b''))))
    add('C17',f'{h} bare hash without digest info',k1,s,sign(k1,em(k,dg)))
    add('C17',f'{h} block type 2',k1,s,sign(k1,em(k,T,lead=b'\x00\x02')))
    add('C17',f'{h} block type 0',k1,s,sign(k1,em(k,T,lead=b'\x00\x00',ps=b'\x00'*(k-3-len(T)))))
    add('C17',f'{h} leading octet not zero',k1,s,sign(k1,em(k,T,lead=b'\x01\x01')))
    ps=bytearray(b'\xff'*(k-3-len(T))); ps[len(ps)//2]=0xfe
    add('C17',f'{h} one padding octet wrong',k1,s,sign(k1,em(k,T,ps=bytes(ps))))
    add('C17',f'{h} no separator',k1,s,sign(k1,em(k,T,sep=b'\xff')))
    for other in H:
        if other!=h: add('C17',f'{h} announced, {other} in the digest info',k1,s,sign(k1,em(k,di(h,alg_h=other))))
        if other!=h: add('C17',f'{h} asked, a true {other} signature given',k1,s,sign(k1,em(k,di(other))))
    # e = 3: a cube root of something that begins like a padded digest
    def iroot(x):
        lo,hi=0,1<<(x.bit_length()//3+2)
        while lo<hi:
            m=(lo+hi)//2
            if m*m*m<x: lo=m+1
            else: hi=m
        return lo
    for psl in (8,1,0):
        front=b'\x00\x01'+b'\xff'*psl+b'\x00'+T
        x=int.from_bytes(front+b'\x00'*(k-len(front)),'big')
        r=iroot(x)
        if not (r**3).to_bytes(k,'big').startswith(front): continue
        add('C17',f'{h} e=3 forgery, {psl} padding octets, garbage behind',k3,s,r.to_bytes(k,'big'))
    front=b'\x00\x01'+b'\xff'*8+b'\x00'
    add('C17',f'{h} control e=3',k3,s,sign(k3,em(k,T)),True)
# C18
good=sign(k1,em(k,di('SHA2_256'))); v=int.from_bytes(good,'big'); S='RsaPkcs1 SHA2_256'
def pss_em(key,h,salt,trailer=0xbc,mgf=None,zero_ps=True,top=False):
    hf=H[h][1]; mf=H[mgf or h][1]; hl=hf().digest_size
    embits=key[0].bit_length()-1; eml=(embits+7)//8
    hh=hf(b'\x00'*8+hf(M).digest()+salt).digest()
    db=b'\x00'*(eml-len(salt)-hl-2)+b'\x01'+salt
    if not zero_ps: db=b'\x01'+db[1:]
    ml=eml-hl-1; mask=b''
    c=0
    while len(mask)<ml: mask+=mf(hh+c.to_bytes(4,'big')).digest(); c+=1
    m=bytearray(a^b for a,b in zip(db,mask))
    m[0]&=0xff>>(8*eml-embits)
    if top: m[0]|=0x80
    return bytes(m)+hh+bytes([trailer])
pg=sign(k1,pss_em(k1,'SHA2_256',b'\x07'*32)); pv=int.from_bytes(pg,'big')
add('C18','control PSS',k1,'RsaPss SHA2_256',pg,True)
for sch,val,g in ((S,v,good),('RsaPss SHA2_256',pv,pg)):
    for name,x in (('0',0),('1',1),('n-1',n-1),('n',n),('n+1',n+1)): add('C18',f'{sch} signature {name}',k1,sch,x.to_bytes(256,'big'))
    if (n+val).bit_length()<=2048: add('C18',f'{sch} signature plus n',k1,sch,(n+val).to_bytes(256,'big'))
    add('C18',f'{sch} signature plus n, one octet longer',k1,sch,(n+val).to_bytes(257,'big'))
    add('C18',f'{sch} all ones',k1,sch,b'\xff'*256)
    add('C18',f'{sch} zero octet in front',k1,sch,b'\x00'+g)
    add('C18',f'{sch} first octet missing',k1,sch,g[1:])
    add('C18',f'{sch} empty',k1,sch,b'')
def badkey(name,N,E,sig=None):
    kk=(N.bit_length()+7)//8
    for sch in (S,'RsaPss SHA2_256'): add('C18',f'key: {name}, {sch}',None,sch,sig or (b'\x01'*max(kk,1)),sp=spki(N,E))
for bits in (1,8,16,512,1024,2047): 
    kk=key(bits,65537) if bits>=512 else None
    N=kk[0] if kk else (1<<(bits-1))|1
    badkey(f'modulus of {bits} bits',N,65537)
    if kk and bits>=1024: add('C18',f'true signature with {bits} bits',kk,S,sign(kk,em((bits+7)//8,di('SHA2_256'))))
badkey('modulus 0',0,65537); badkey('even modulus',n-1,65537); badkey('modulus of 8193 bits',(1<<8192)|1,65537); badkey('modulus of 65536 bits',(1<<65535)|1,65537,good)
for E in (0,1,2,4,65536,(1<<33)+1,(1<<2040)+1,n): badkey(f'exponent of {E.bit_length()} bits, {"even" if E%2==0 else "odd"}',n,E,good)
# e=1 makes the padded digest its own signature
add('C18','key: exponent 1, the padded digest as signature',None,S,em(k,di('SHA2_256')),sp=spki(n,1))
for bits in (2049,2050,2055,2057,3071):
    kk=key(bits,65537); L=(bits+7)//8
    add('C18',f'modulus of {bits} bits, PKCS#1',kk,S,sign(kk,em(L,di('SHA2_256'))),True)
    add('C18',f'modulus of {bits} bits, PSS',kk,'RsaPss SHA2_256',sign(kk,pss_em(kk,'SHA2_256',b'\x09'*32)),True)
# C19
P='RsaPss SHA2_256'
for l in (0,1,20,31,33,48,64,190,222): add('C19',f'salt of {l} octets',k1,P,sign(k1,pss_em(k1,'SHA2_256',b'\x05'*l)))
add('C19','trailer CC',k1,P,sign(k1,pss_em(k1,'SHA2_256',b'\x05'*32,trailer=0xcc)))
add('C19','trailer 02',k1,P,sign(k1,pss_em(k1,'SHA2_256',b'\x05'*32,trailer=2)))
for m in ('SHA1','SHA2_384','SHA2_512'): add('C19',f'MGF1 with {m}',k1,P,sign(k1,pss_em(k1,'SHA2_256',b'\x05'*32,mgf=m)))
add('C19','padding string not zero',k1,P,sign(k1,pss_em(k1,'SHA2_256',b'\x05'*32,zero_ps=False)))
for h in ('SHA1','SHA2_384','SHA2_512'):
    hl=H[h][1]().digest_size
    add('C19',f'SHA2_256 asked, a true {h} signature given',k1,P,sign(k1,pss_em(k1,h,b'\x05'*hl)))
    if h!='SHA1': add('C19',f'control {h}',k1,'RsaPss '+h,sign(k1,pss_em(k1,h,b'\x05'*hl)),True)
add('C19','SHA-1 PSS is not offered',k1,'RsaPss SHA1',sign(k1,pss_em(k1,'SHA1',b'\x05'*20)))
add('C19','a PKCS#1 signature as PSS',k1,P,good); add('C19','a PSS signature as PKCS#1',k1,S,pg)
# restrictions in an id-RSASSA-PSS key
def hashalg(h): return tlv(0x30,oid(H[h][0]),NULL)
def mgf(h): return tlv(0x30,MGF1,hashalg(h))
def params(h='SHA2_256',m=None,salt=32,trailer=None,raw_mgf=None,no_mgf=False):
    out=tlv(0xa0,hashalg(h))
    if not no_mgf: out+=tlv(0xa1,raw_mgf or mgf(m or h))
    if salt is not None: out+=tlv(0xa2,integer(salt))
    if trailer is not None: out+=tlv(0xa3,integer(trailer))
    return tlv(0x30,out)
def alg(p): return tlv(0x30,PSS,p)
def pk(name,p,accept=False,scheme=P,sig=pg): add('C19','PSS key: '+name,k1,scheme,sig,accept,sp=spki(n,e,alg(p)))
pk('no parameters',b'',True); pk('SHA-256',params(),True); pk('SHA-256, shorter salt allowed',params(salt=20),True)
pk('huge salt',params(salt=2**40)); pk('salt of 200',params(salt=200)); pk('negative salt',tlv(0x30,tlv(0xa0,hashalg('SHA2_256')),tlv(0xa1,mgf('SHA2_256')),tlv(0xa2,tlv(2,b'\xff'))))
pk('missing MGF (so SHA-1)',params(no_mgf=True)); pk('MGF with SHA-1',params(m='SHA1')); pk('MGF without hash',params(raw_mgf=tlv(0x30,MGF1)))
pk('unknown MGF',params(raw_mgf=tlv(0x30,oid('1.2.3.4'),hashalg('SHA2_256'))))
pk('trailer 2',params(trailer=2)); pk('trailer 0',params(trailer=0)); pk('for SHA-512',params('SHA2_512',salt=64)); pk('for SHA-1',params('SHA1',salt=20)); pk('empty parameters (so SHA-1)',tlv(0x30))
pk('NULL parameters',NULL); pk('PKCS#1 signature',params(),False,S,good); pk('PKCS#1 signature, no parameters',b'',False,S,good)
pk('trailing garbage in parameters',tlv(0x30,params()[4:],b'\x05\x00') if False else params()+b'\x05\x00')
# other key encodings
add('C18','rsaEncryption without NULL',k1,S,good,sp=spki(n,e,tlv(0x30,RSA)))
add('C18','trailing garbage behind the key',k1,S,good,sp=spki(n,e)+b'\x00')
open(K+'rsa-forgeries.json','w').write(json.dumps(cases,indent=0)+'\n')
print(len(cases), os.path.getsize(K+'rsa-forgeries.json'))
